import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from blobs import BlobData

from formats.coco import CocoDataset
from formats.errors import InputError
from formats.results import Detection, ImageResult, ModelFile, read_results
from pipeline.many_films.data_set import Method, predict_dataset

MODELS = [ModelFile("m", "1")]
NORMAL = {"Normal": 1.0, "Benign": 0.0, "Cancer": 0.0}


class Interrupted(Exception):  # noqa: N818
    pass


class CountingPredict:
    """Calls everything Normal, notes its batches, and may be interrupted."""

    def __init__(self, batches_until_interrupted: int | None = None) -> None:
        self.batches: list[list[str]] = []
        self.limit = batches_until_interrupted

    def __call__(self, films: Sequence[np.ndarray], names: Sequence[str]) -> list[ImageResult]:
        if len(self.batches) == self.limit:
            raise Interrupted
        self.batches.append(list(names))
        return [
            ImageResult(
                file_name=name,
                width=film.shape[1],
                height=film.shape[0],
                label="Normal",
                scores=NORMAL,
            )
            for film, name in zip(films, names, strict=True)
        ]


def method(predict: CountingPredict, sha256: str = "1", point: str = "balanced") -> Method:
    return Method(
        name="two_stage", models=[ModelFile("m", sha256)], predict=predict, operating_point=point
    )


def test_every_image_is_in_the_results_in_order(blob_data: BlobData, tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    predict = CountingPredict()
    failures = predict_dataset(method(predict), blob_data.coco, blob_data.root, output)

    assert failures == []
    assert [i.file_name for i in read_results(output).images] == [
        i["file_name"] for i in blob_data.coco.images
    ]
    assert [len(batch) for batch in predict.batches] == [4, 4, 1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results.coco.json", "results.json"]


def test_the_coco_results_list_goes_beside(blob_data: BlobData, tmp_path: Path) -> None:
    found = Detection(
        bbox_xyxy=(1.0, 2.0, 11.0, 22.0),
        score=0.5,
        label="Cancer",
        label_scores={"Benign": 0.2, "Cancer": 0.8},
    )

    def find_one(films: Sequence[np.ndarray], names: Sequence[str]) -> list[ImageResult]:
        return [
            ImageResult(
                file_name=name,
                width=128,
                height=160,
                label="Normal",
                scores=NORMAL,
                detections=[found],
            )
            for name in names
        ]

    dataset = CocoDataset(images=blob_data.coco.images[2:3], annotations=[])
    output = tmp_path / "results.json"
    predict_dataset(
        Method(name="m", models=MODELS, predict=find_one), dataset, blob_data.root, output
    )

    assert json.loads((tmp_path / "results.coco.json").read_text()) == [
        {"image_id": 3, "category_id": 2, "bbox": [1.0, 2.0, 10.0, 20.0], "score": 0.5}
    ]


def test_an_interrupted_run_goes_on_where_it_was(
    blob_data: BlobData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "results.json"
    data = (blob_data.coco, blob_data.root, output)
    with pytest.raises(Interrupted):
        predict_dataset(method(CountingPredict(1)), *data)
    told = []

    def tell(batches: Sequence[object], name: str, **numbers: int) -> Sequence[object]:
        told.append(numbers)
        return batches

    monkeypatch.setattr("pipeline.many_films.data_set.with_progress", tell)
    journal = tmp_path / "results.json.journal"
    journal.write_text(journal.read_text() + '{"file_name": "film_5.pn')  # cut off while writing
    second = CountingPredict()
    predict_dataset(method(second), *data)

    # Batches are those of an uninterrupted run.
    assert second.batches == [[f"film_{i}.png" for i in range(5, 9)], ["film_9.png"]]
    assert len(read_results(output).images) == 9
    assert told == [{"films_per_item": 4, "films_before": 4}]


@pytest.mark.parametrize("other", [{"sha256": "2"}, {"point": "sensitive"}], ids=str)
def test_another_run_is_not_mixed_in(
    blob_data: BlobData, tmp_path: Path, other: dict[str, str]
) -> None:
    data = (blob_data.coco, blob_data.root, tmp_path / "results.json")
    with pytest.raises(Interrupted):
        predict_dataset(method(CountingPredict(1)), *data)

    with pytest.raises(InputError, match=r"journal.*other models"):
        predict_dataset(method(CountingPredict(), **other), *data)


def test_unreadable_images_are_returned_and_left_out(blob_data: BlobData, tmp_path: Path) -> None:
    gone = {**blob_data.coco.images[0], "id": 99, "file_name": "gone.png"}
    dataset = CocoDataset(images=[gone, *blob_data.coco.images[:2]], annotations=[])  # type: ignore[list-item]
    output = tmp_path / "results.json"
    failures = predict_dataset(method(CountingPredict()), dataset, blob_data.root, output)

    assert ["gone.png" in str(f) for f in failures] == [True]
    assert len(json.loads(output.read_text())["images"]) == 2


def test_films_of_another_size_than_the_coco_file_says_stop_the_run(
    blob_data: BlobData, tmp_path: Path
) -> None:
    images = [{**image, "width": 64, "height": 80} for image in blob_data.coco.images]
    resized = CocoDataset(images=images, annotations=[])

    with pytest.raises(InputError, match=r"film_1\.png: 128x160 pixels.*64x80"):
        predict_dataset(
            method(CountingPredict()), resized, blob_data.root, tmp_path / "results.json"
        )
    assert not (tmp_path / "results.json").exists()


def test_an_interrupted_run_takes_no_results_from_another_folder(
    blob_data: BlobData, tmp_path: Path
) -> None:
    output = tmp_path / "results.json"
    other = tmp_path / "other"
    shutil.copytree(blob_data.root, other)
    with pytest.raises(Interrupted):
        predict_dataset(method(CountingPredict(1)), blob_data.coco, blob_data.root, output)
    second = CountingPredict()
    predict_dataset(method(second), blob_data.coco, other, output)

    assert [len(batch) for batch in second.batches] == [4, 4, 1]


def test_file_names_that_are_no_text_reach_the_results(blob_data: BlobData, tmp_path: Path) -> None:
    image = {**blob_data.coco.images[0], "file_name": "f_\udce4.png"}
    shutil.copy(blob_data.root / blob_data.coco.images[0]["file_name"], tmp_path / "f_\udce4.png")
    output = tmp_path / "results.json"
    dataset = CocoDataset(images=[image], annotations=[])  # type: ignore[list-item]

    assert predict_dataset(method(CountingPredict()), dataset, tmp_path, output) == []
    assert [image.file_name for image in read_results(output).images] == ["f_\udce4.png"]
