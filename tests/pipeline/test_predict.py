import json
from pathlib import Path

import numpy as np
import pytest
from blobs import BlobData

from converters.coco import CocoDataset
from converters.errors import InputError
from pipeline.predict import predict_dataset
from pipeline.results import ImageResult, ModelFile, read_results

MODELS = [ModelFile("m", "1")]
NORMAL = {"Normal": 1.0, "Benign": 0.0, "Cancer": 0.0}


class Interrupted(Exception):  # noqa: N818
    pass


class CountingMethod:
    """Calls everything Normal, counts its calls, and may be interrupted."""

    def __init__(self, calls_until_interrupted: int | None = None) -> None:
        self.files: list[str] = []
        self.limit = calls_until_interrupted

    def __call__(self, film: np.ndarray, name: str) -> ImageResult:
        if len(self.files) == self.limit:
            raise Interrupted
        self.files.append(name)
        return ImageResult(name, film.shape[1], film.shape[0], "Normal", NORMAL)


def test_every_image_is_in_the_results_in_order(blob_data: BlobData, tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    failures = predict_dataset(
        "two_stage", CountingMethod(), MODELS, blob_data.coco, blob_data.root, output
    )

    assert failures == []
    assert [i.file_name for i in read_results(output).images] == [
        i["file_name"] for i in blob_data.coco.images
    ]
    assert list(tmp_path.iterdir()) == [output]


def test_an_interrupted_run_goes_on_where_it_was(blob_data: BlobData, tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    data = (blob_data.coco, blob_data.root, output)
    with pytest.raises(Interrupted):
        predict_dataset("two_stage", CountingMethod(4), MODELS, *data)
    journal = tmp_path / "results.json.journal"
    journal.write_text(journal.read_text() + '{"file_name": "film_5.pn')  # cut off while writing
    second = CountingMethod()
    predict_dataset("two_stage", second, MODELS, *data)

    assert second.files == [f"film_{i}.png" for i in range(5, 10)]
    assert len(read_results(output).images) == 9


def test_an_interrupted_run_of_other_models_is_not_mixed_in(
    blob_data: BlobData, tmp_path: Path
) -> None:
    data = (blob_data.coco, blob_data.root, tmp_path / "results.json")
    with pytest.raises(Interrupted):
        predict_dataset("two_stage", CountingMethod(1), MODELS, *data)

    with pytest.raises(InputError, match=r"journal.*other models"):
        predict_dataset("two_stage", CountingMethod(), [ModelFile("m", "2")], *data)


def test_unreadable_images_are_returned_and_left_out(blob_data: BlobData, tmp_path: Path) -> None:
    gone = {**blob_data.coco.images[0], "id": 99, "file_name": "gone.png"}
    dataset = CocoDataset([gone, *blob_data.coco.images[:2]], [])  # type: ignore[list-item]
    output = tmp_path / "results.json"
    failures = predict_dataset("m", CountingMethod(), MODELS, dataset, blob_data.root, output)

    assert ["gone.png" in str(f) for f in failures] == [True]
    assert len(json.loads(output.read_text())["images"]) == 2
