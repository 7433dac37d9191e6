from dataclasses import replace
from pathlib import Path

import pytest
import torch
from blobs import BlobData

from detector.config import DetectorAugmentation, DetectorInput
from detector.dataset import DetectionDataset, class_indices, collate
from detector.transforms import detection_transforms
from formats.coco import CocoDataset
from formats.errors import InputError
from training.examples.film_cache import FilmCache

INPUT = DetectorInput(side_px=128)


def test_boxes_are_in_square_pixels_and_cover_the_blob(
    blob_data: BlobData, film_cache: FilmCache
) -> None:
    dataset = DetectionDataset(blob_data.coco, blob_data.root, INPUT, ["Tumour"], film_cache)
    image, target = dataset[0]
    x, y, width, height = blob_data.coco.annotations[0]["bbox"]
    expected = [x, y * 0.8, x + width, (y + height) * 0.8]

    assert image.shape == (3, 128, 128)
    assert target["boxes"][0].tolist() == pytest.approx(expected)
    assert target["labels"].tolist() == [1]
    x1, y1, x2, y2 = target["boxes"][0].round().int().tolist()
    assert image[0, y1 + 8 : y2 - 8, x1 + 8 : x2 - 8].min() > 0.8


@pytest.mark.parametrize("names", [["Tumour"], ["Benign", "Cancer"]])
def test_crowd_regions_are_kept_apart_from_lesions(
    names: list[str], blob_data: BlobData, film_cache: FilmCache
) -> None:
    (lesion,) = blob_data.coco.annotations[:1]
    crowd = {**lesion, "id": 99, "bbox": [0, 0, 64, 80], "iscrowd": 1}
    coco = replace(blob_data.coco, annotations=[crowd, lesion])
    _, target = DetectionDataset(coco, blob_data.root, INPUT, names, film_cache)[0]

    assert target["crowds"].tolist() == [[0, 0, 64, 64]]
    assert target["boxes"].shape == (1, 4)
    assert target["labels"].tolist() == [1 if len(names) == 1 else lesion["category_id"]]


def test_crowd_regions_are_turned_with_the_image(
    blob_data: BlobData, film_cache: FilmCache
) -> None:
    (lesion,) = blob_data.coco.annotations[:1]
    crowd = {**lesion, "id": 99, "bbox": [0, 0, 64, 80], "iscrowd": 1}
    coco = replace(blob_data.coco, annotations=[crowd, lesion])
    still = DetectorAugmentation(
        horizontal_flip=1.0, vertical_flip=0.0, scale=[1.0, 1.0], shift=0.0, gamma=[1.0, 1.0]
    )
    transforms = detection_transforms(still)
    _, target = DetectionDataset(coco, blob_data.root, INPUT, ["Tumour"], film_cache, transforms)[0]

    assert target["crowds"].tolist() == [[64, 0, 128, 64]]
    assert len(target["boxes"]) == 1


def test_negatives_are_kept_with_empty_boxes(blob_data: BlobData, film_cache: FilmCache) -> None:
    dataset = DetectionDataset(blob_data.coco, blob_data.root, INPUT, ["Tumour"], film_cache)

    assert len(dataset) == 9
    assert dataset[8][1]["boxes"].shape == (0, 4)
    assert dataset[8][1]["labels"].shape == (0,)


def test_labels_are_one_for_a_single_class_and_the_category_otherwise(
    blob_data: BlobData,
) -> None:
    lesions = blob_data.coco.annotations[:2]

    assert class_indices(lesions, ["Tumour"]).tolist() == [1, 1]
    assert class_indices(lesions, ["Benign", "Cancer"]).tolist() == [2, 1]


def test_augmented_boxes_stay_valid(blob_data: BlobData, film_cache: FilmCache) -> None:
    torch.manual_seed(0)
    transforms = detection_transforms(DetectorAugmentation(shift=0.4))
    dataset = DetectionDataset(
        blob_data.coco, blob_data.root, INPUT, ["Tumour"], film_cache, transforms
    )
    for _ in range(10):
        images, targets = collate([dataset[i] for i in range(len(dataset))])
        for image, target in zip(images, targets, strict=True):
            boxes = target["boxes"]
            assert image.shape == (3, 128, 128)
            assert boxes.shape == (len(target["labels"]), 4)
            assert (boxes[:, 2:] > boxes[:, :2]).all()
            assert ((boxes >= 0) & (boxes <= 128)).all()


def test_other_size_than_the_coco_file_says_is_refused(
    blob_data: BlobData, film_cache: FilmCache
) -> None:
    wrong = CocoDataset(images=[{**blob_data.coco.images[0], "width": 500}], annotations=[])

    with pytest.raises(InputError, match=r"film_1\.png: 128x160 pixels.*500x160"):
        DetectionDataset(wrong, blob_data.root, INPUT, ["Tumour"], film_cache)


def test_empty_data_set_is_refused(tmp_path: Path, film_cache: FilmCache) -> None:
    with pytest.raises(InputError, match="lists no image"):
        DetectionDataset(
            CocoDataset(images=[], annotations=[]), tmp_path, INPUT, ["Tumour"], film_cache
        )
