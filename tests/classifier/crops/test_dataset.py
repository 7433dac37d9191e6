from dataclasses import replace
from pathlib import Path

import pytest
import torch
from blobs import BlobData

from classifier.crops.config import (
    BACKGROUND,
    CropAugmentation,
    CropInput,
)
from classifier.crops.dataset import (
    BACKGROUNDS_PER_VIEW,
    CropDataset,
    background_examples,
    detected_examples,
    lesion_examples,
)
from classifier.crops.transforms import crop_transforms
from formats.errors import InputError
from formats.labels import LESION_LABELS
from formats.results import Detection, ImageResult, Results, write_results
from training.examples.film_cache import FilmCache

INPUT = CropInput(side_px=64, margin=1.2)


def test_examples_are_the_lesions_with_their_class(blob_data: BlobData) -> None:
    examples = lesion_examples(blob_data.coco, [*LESION_LABELS])

    assert [e.class_index for e in examples] == [
        a["category_id"] - 1 for a in blob_data.coco.annotations
    ]
    x, y, width, height = blob_data.coco.annotations[0]["bbox"]
    assert examples[0].box_xyxy == (x, y, x + width, y + height)


def test_crops_show_the_blob(blob_data: BlobData, film_cache: FilmCache) -> None:
    dataset = CropDataset(
        lesion_examples(blob_data.coco, [*LESION_LABELS]), blob_data.root, INPUT, film_cache
    )
    for index in range(len(dataset)):
        crop, class_index = dataset[index]
        corner, centre = crop[0, 8:11, 8:11].mean(), crop[0, 28:36, 28:36].mean()
        assert crop.shape == (3, 64, 64)
        assert centre > 0.3
        # A disc leaves its corners dark, a square does not.
        assert (corner > 0) == bool(class_index == 1)


def test_augmented_crops_have_the_same_shape_and_vary(
    blob_data: BlobData, film_cache: FilmCache
) -> None:
    torch.manual_seed(0)
    transforms = crop_transforms(CropAugmentation(), INPUT.side_px)
    dataset = CropDataset(
        lesion_examples(blob_data.coco, [*LESION_LABELS]),
        blob_data.root,
        INPUT,
        film_cache,
        transforms,
    )

    assert dataset[0][0].shape == (3, 64, 64)
    assert not torch.equal(dataset[0][0], dataset[0][0])


def write_boxes(boxes_xyxy: list[list[float]], path: Path) -> None:
    """Write a results file with these boxes on the first film."""
    detections = [
        Detection(
            bbox_xyxy=(x1, y1, x2, y2),
            score=0.5,
            label="Benign",
            label_scores={"Benign": 1.0, "Cancer": 0.0},
        )
        for x1, y1, x2, y2 in boxes_xyxy
    ]
    result = ImageResult(
        file_name="film_1.png",
        width=128,
        height=160,
        label="Normal",
        scores={"Normal": 1.0, "Benign": 0.0, "Cancer": 0.0},
        detections=detections,
    )
    write_results(Results(method="two_stage", models=[], images=[result]), path)


def test_detected_boxes_take_the_label_of_what_they_overlap(
    blob_data: BlobData, tmp_path: Path
) -> None:
    x, y, width, height = blob_data.coco.annotations[0]["bbox"]
    hit, miss = [x + 2, y, x + width, y + height - 1], [0, 0, 8, 8]
    path = tmp_path / "results.json"
    write_boxes([hit, miss], path)

    examples = detected_examples(blob_data.coco, path, [*LESION_LABELS])

    assert [(e.box_xyxy, e.class_index) for e in examples] == [
        (tuple(hit), blob_data.coco.annotations[0]["category_id"] - 1)
    ]


def test_best_boxes_beside_the_lesions_are_background(blob_data: BlobData, tmp_path: Path) -> None:
    names = [BACKGROUND, *LESION_LABELS]
    x, y, width, height = blob_data.coco.annotations[0]["bbox"]
    hit = [x, y, x + width, y + height]
    misses = [[0, 0, 4, 4 + row] for row in range(BACKGROUNDS_PER_VIEW + 2)]
    path = tmp_path / "results.json"
    write_boxes([misses[0], hit, *misses[1:]], path)

    examples = background_examples(blob_data.coco, path, names)

    assert [list(e.box_xyxy) for e in examples] == misses[:BACKGROUNDS_PER_VIEW]
    assert {e.class_index for e in examples} == {0}
    assert {e.class_index for e in lesion_examples(blob_data.coco, names)} == {1, 2}


def test_a_crowd_region_is_no_lesion_to_learn_from(blob_data: BlobData) -> None:
    first, *others = blob_data.coco.annotations
    coco = replace(blob_data.coco, annotations=[{**first, "iscrowd": 1}, *others])

    examples = lesion_examples(coco, [*LESION_LABELS])

    assert [e.image["id"] for e in examples] == [a["image_id"] for a in others]


def test_a_box_on_a_crowd_region_is_no_background(blob_data: BlobData, tmp_path: Path) -> None:
    names = [BACKGROUND, *LESION_LABELS]
    crowd = {**blob_data.coco.annotations[0], "bbox": [0, 0, 100, 100], "iscrowd": 1}
    coco = replace(blob_data.coco, annotations=[crowd])
    path = tmp_path / "results.json"
    # The first lies in the crowd and is far smaller, the second beside it.
    write_boxes([[10, 10, 18, 18], [102, 110, 120, 130]], path)

    examples = background_examples(coco, path, names)

    assert [e.box_xyxy for e in examples] == [(102, 110, 120, 130)]


def test_films_of_another_size_than_the_coco_file_says_are_refused(
    blob_data: BlobData, film_cache: FilmCache
) -> None:
    images = [{**image, "width": 64, "height": 80} for image in blob_data.coco.images]
    examples = lesion_examples(replace(blob_data.coco, images=images), [*LESION_LABELS])

    with pytest.raises(InputError, match=r"film_1\.png: 128x160 pixels.*64x80"):
        CropDataset(examples, blob_data.root, INPUT, film_cache)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "schema_version is None"),
        ('{"schema_version": 1, "images": []}', "not a results file"),
        (None, "not a finite, positive box"),
    ],
)
def test_what_is_no_results_file_is_named(
    blob_data: BlobData, tmp_path: Path, content: str | None, message: str
) -> None:
    path = tmp_path / "boxes.json"
    if content is None:
        write_boxes([[9, 9, 9, 9]], path)
    else:
        path.write_text(content)

    with pytest.raises(InputError, match=rf"boxes\.json.*{message}"):
        detected_examples(blob_data.coco, path, [*LESION_LABELS])


def test_results_of_other_images_are_refused_as_background(
    blob_data: BlobData, tmp_path: Path
) -> None:
    path = tmp_path / "boxes.json"
    write_boxes([], path)

    with pytest.raises(InputError, match="no box beside the lesions"):
        background_examples(blob_data.coco, path, [BACKGROUND, *LESION_LABELS])


def test_no_lesion_is_an_input_error(tmp_path: Path, film_cache: FilmCache) -> None:
    with pytest.raises(InputError, match="no lesion"):
        CropDataset([], tmp_path, INPUT, film_cache)
