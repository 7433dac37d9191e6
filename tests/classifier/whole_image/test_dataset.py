from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from blobs import BlobData

from classifier.whole_image.config import WholeImageInput
from classifier.whole_image.dataset import (
    LabelledView,
    WholeImageDataset,
    flips,
    labelled_views,
    thin_normal,
)
from classifier.whole_image.questions import FIRST, SECOND, SINGLE, Question
from formats.coco import CocoDataset, CocoImage
from formats.errors import InputError
from training.examples.film_cache import FilmCache

PATH = Path("data.json")
INPUT = WholeImageInput(height_px=80, width_px=64)


def counts(coco: CocoDataset, question: Question) -> dict[str, int]:
    by_index = Counter(view.class_index for view in labelled_views(coco, question, PATH))
    return {question.class_names[index]: count for index, count in by_index.items()}


def test_each_question_takes_its_views(blob_data: BlobData) -> None:
    assert counts(blob_data.coco, SINGLE) == {"Normal": 1, "Benign": 4, "Cancer": 4}
    assert counts(blob_data.coco, FIRST) == {"Normal": 1, "Tumour": 8}
    assert counts(blob_data.coco, SECOND) == {"Benign": 4, "Cancer": 4}


def test_a_view_with_nothing_but_a_crowd_region_is_normal(blob_data: BlobData) -> None:
    crowds = [{**annotation, "iscrowd": 1} for annotation in blob_data.coco.annotations]

    with pytest.raises(InputError, match="no view is Tumour"):
        counts(replace(blob_data.coco, annotations=crowds), FIRST)
    assert counts(
        replace(blob_data.coco, annotations=crowds[1:] + blob_data.coco.annotations[:1]), FIRST
    ) == {"Normal": 8, "Tumour": 1}


def test_films_of_another_size_than_the_coco_file_says_are_refused(
    blob_data: BlobData, film_cache: FilmCache
) -> None:
    images = [{**image, "width": 64, "height": 80} for image in blob_data.coco.images]
    views = labelled_views(replace(blob_data.coco, images=images), SINGLE, PATH)

    with pytest.raises(InputError, match=r"film_1\.png: 128x160 pixels.*64x80"):
        WholeImageDataset(views, blob_data.root, INPUT, film_cache)


def test_a_class_without_views_is_named(blob_data: BlobData) -> None:
    tumours = blob_data.coco.subset(blob_data.coco.images[:8])

    with pytest.raises(InputError, match=r"data\.json: no view is Normal"):
        labelled_views(tumours, FIRST, PATH)


def test_only_normal_views_are_thinned() -> None:
    images: list[CocoImage] = [
        {"id": i, "file_name": f"{i}.png", "width": 9, "height": 9} for i in range(50)
    ]
    views = [LabelledView(image, int(image["id"] % 10 == 0)) for image in images]
    kept = thin_normal(views, FIRST, keep_one_in=4, seed=0)

    assert Counter(view.class_index for view in kept) == {0: 12, 1: 5}
    assert thin_normal(views, SECOND, keep_one_in=4, seed=0) == views


def test_items_are_standardised_canvases_with_their_class(
    blob_data: BlobData, film_cache: FilmCache
) -> None:
    views = labelled_views(blob_data.coco, SINGLE, PATH)
    dataset = WholeImageDataset(views, blob_data.root, INPUT, film_cache)
    image, class_index = dataset[0]

    assert len(dataset) == 9
    assert image.shape == (3, 80, 64)
    assert image.mean().item() == pytest.approx(0, abs=1e-5)
    assert class_index == blob_data.coco.annotations[0]["category_id"]
    assert dataset[8][1] == 0


def test_certain_flips_turn_the_image_around(blob_data: BlobData, film_cache: FilmCache) -> None:
    views = labelled_views(blob_data.coco, SINGLE, PATH)[:1]
    plain = WholeImageDataset(views, blob_data.root, INPUT, film_cache)
    flipped = WholeImageDataset(views, blob_data.root, INPUT, film_cache, flips(1.0, 1.0))

    torch.testing.assert_close(flipped[0][0], plain[0][0].flip(1, 2))
