import json
from pathlib import Path

import pytest
import torch
from blobs import BlobData

from classifier.config import ClassifierAugmentation, ClassifierInput
from classifier.dataset import CropDataset, detected_examples, lesion_examples
from classifier.transforms import training_transforms
from converters.errors import InputError

INPUT = ClassifierInput(side_px=64, margin=1.2)


def test_examples_are_the_lesions_with_their_class(blob_data: BlobData) -> None:
    examples = lesion_examples(blob_data.coco)

    assert [e.class_index for e in examples] == [
        a["category_id"] - 1 for a in blob_data.coco.annotations
    ]
    x, y, width, height = blob_data.coco.annotations[0]["bbox"]
    assert examples[0].box_xyxy == (x, y, x + width, y + height)


def test_crops_show_the_blob(blob_data: BlobData) -> None:
    dataset = CropDataset(lesion_examples(blob_data.coco), blob_data.root, INPUT)
    for index in range(len(dataset)):
        crop, class_index = dataset[index]
        corner, centre = crop[0, 8:11, 8:11].mean(), crop[0, 28:36, 28:36].mean()
        assert crop.shape == (3, 64, 64)
        assert centre > 0.3
        # A disc leaves its corners dark, a square does not.
        assert (corner > 0) == bool(class_index == 1)


def test_augmented_crops_have_the_same_shape_and_vary(blob_data: BlobData) -> None:
    torch.manual_seed(0)
    transforms = training_transforms(ClassifierAugmentation(), INPUT.side_px)
    dataset = CropDataset(lesion_examples(blob_data.coco), blob_data.root, INPUT, transforms)

    assert dataset[0][0].shape == (3, 64, 64)
    assert not torch.equal(dataset[0][0], dataset[0][0])


def test_detected_boxes_take_the_label_of_what_they_overlap(
    blob_data: BlobData, tmp_path: Path
) -> None:
    x, y, width, height = blob_data.coco.annotations[0]["bbox"]
    hit, miss = [x + 2, y, x + width, y + height - 1], [0, 0, 8, 8]
    path = tmp_path / "results.json"
    detections = [{"bbox_xyxy": hit}, {"bbox_xyxy": miss}]
    images = [{"file_name": "film_1.png", "detections": detections}]
    path.write_text(json.dumps({"images": images}))

    examples = detected_examples(blob_data.coco, path)

    assert [(e.box_xyxy, e.class_index) for e in examples] == [
        (tuple(hit), blob_data.coco.annotations[0]["category_id"] - 1)
    ]


def test_no_lesion_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no lesion"):
        CropDataset([], tmp_path, INPUT)
