from collections import Counter
from pathlib import Path

import pytest
import torch
from blobs import BlobData

from classifier.whole_image.dataset import (
    LabelledView,
    WholeImageDataset,
    flips,
    labelled_views,
    thin_normal,
    view_label,
)
from classifier.whole_image.questions import FIRST, SECOND, SINGLE, Question
from formats.coco import CocoDataset
from formats.errors import InputError

PATH = Path("data.json")


def counts(coco: CocoDataset, question: Question) -> dict[str, int]:
    by_index = Counter(view.class_index for view in labelled_views(coco, question, PATH))
    return {question.class_names[index]: count for index, count in by_index.items()}


def test_each_question_takes_its_views(blob_data: BlobData) -> None:
    assert counts(blob_data.coco, SINGLE) == {"Normal": 1, "Benign": 4, "Cancer": 4}
    assert counts(blob_data.coco, FIRST) == {"Normal": 1, "Tumour": 8}
    assert counts(blob_data.coco, SECOND) == {"Benign": 4, "Cancer": 4}


def test_a_views_own_label_comes_before_that_of_its_lesions(blob_data: BlobData) -> None:
    image = blob_data.coco.images[0]
    benign, cancer = sorted(blob_data.coco.annotations[:2], key=lambda a: a["category_id"])

    assert view_label(image, []) == "Normal"
    assert view_label(image, [benign]) == "Benign"
    assert view_label(image, [cancer, benign]) == "Cancer"
    assert view_label({**image, "label": "Benign"}, [cancer]) == "Benign"


def test_unknown_label_is_named(blob_data: BlobData) -> None:
    with pytest.raises(InputError, match=r"film_1\.png: label 'Malignant'"):
        view_label({**blob_data.coco.images[0], "label": "Malignant"}, [])


def test_a_class_without_views_is_named(blob_data: BlobData) -> None:
    tumours = blob_data.coco.subset(blob_data.coco.images[:8])

    with pytest.raises(InputError, match=r"data\.json: no view is Normal"):
        labelled_views(tumours, FIRST, PATH)


def test_only_normal_views_are_thinned() -> None:
    views = [LabelledView(f"{i}.png", int(i % 10 == 0)) for i in range(50)]
    kept = thin_normal(views, FIRST, keep_one_in=4, seed=0)

    assert Counter(view.class_index for view in kept) == {0: 12, 1: 5}
    assert thin_normal(views, SECOND, keep_one_in=4, seed=0) == views


def test_items_are_standardised_canvases_with_their_class(blob_data: BlobData) -> None:
    views = labelled_views(blob_data.coco, SINGLE, PATH)
    dataset = WholeImageDataset(views, blob_data.root, (80, 64))
    image, class_index = dataset[0]

    assert len(dataset) == 9
    assert image.shape == (3, 80, 64)
    assert image.mean().item() == pytest.approx(0, abs=1e-5)
    assert class_index == blob_data.coco.annotations[0]["category_id"]
    assert dataset[8][1] == 0


def test_certain_flips_turn_the_image_around(blob_data: BlobData) -> None:
    views = labelled_views(blob_data.coco, SINGLE, PATH)[:1]
    plain = WholeImageDataset(views, blob_data.root, (80, 64))
    flipped = WholeImageDataset(views, blob_data.root, (80, 64), flips(1.0, 1.0))

    torch.testing.assert_close(flipped[0][0], plain[0][0].flip(1, 2))
