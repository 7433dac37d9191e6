"""Lesions of which nobody says whether they are benign: tumours, but neither class."""

import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_rows import make_dataset, make_results

from evaluation.figure_keys import FigureKey
from evaluation.labels.classification import CANCER, NORMAL, count_units, group_units
from evaluation.method_figures import measure, read_methods, read_truth
from evaluation.rows import UNNAMED, lesion_rows, view_predictions, view_rows
from formats.coco import CocoDataset, require_pathology, write_coco
from formats.errors import InputError
from formats.labels import UNNAMED_CATEGORY_ID
from formats.results import Results, write_results

CASES = [("A_1", "LEFT", "Cancer"), ("A_2", "LEFT", "Benign"), ("A_3", "LEFT", "Normal"),
         ("A_4", "LEFT", "Cancer"), ("A_5", "RIGHT", "Benign")]  # fmt: skip


def unnamed(dataset: CocoDataset, image_ids: set[int]) -> CocoDataset:
    for image in dataset.images:
        if image["id"] in image_ids:
            del image["label"]
    for lesion in dataset.annotations:
        if lesion["image_id"] in image_ids:
            lesion["category_id"] = UNNAMED_CATEGORY_ID
    return dataset


def exact_results(dataset: CocoDataset) -> Results:
    """Every view's box is where lesions are; its score and its classes follow from the name."""
    drawn = make_results(dataset, "two_stage", 0)
    images = []
    for image in drawn.images:
        random = np.random.default_rng(zlib.crc32(image.file_name.encode()))
        score, cancer = random.uniform(0.1, 0.9, 2)
        box = replace(
            image.detections[0],
            bbox_xyxy=(20, 20, 40, 40),
            score=score,
            label_scores={"Benign": 1 - cancer, "Cancer": cancer},
        )
        images.append(replace(image, detections=[box]))
    return replace(drawn, images=images)


def figures(dataset: CocoDataset, folder: Path) -> dict[FigureKey, np.ndarray]:
    write_coco(dataset, folder / "test.json")
    write_results(exact_results(dataset), folder / "results.json")
    truth = read_truth(folder / "test.json")
    (method,) = read_methods([folder / "results.json"], truth)
    return measure(method, np.ones((1, len(truth.views.patients))))


def test_a_lesion_of_unknown_pathology_is_left_out_of_both_classes() -> None:
    lesions = lesion_rows(unnamed(make_dataset(CASES), {1}))
    cancers = lesions.of_label(CANCER)

    assert lesions.label.tolist().count(UNNAMED) == 1
    assert not lesions.is_crowd.any()
    assert cancers.is_crowd.tolist() == [True, False, False, False]


def test_a_breast_is_a_cancer_if_one_view_is_and_else_unknown() -> None:
    dataset = unnamed(make_dataset(CASES), {1, 3})
    views = view_rows(dataset)
    predictions = view_predictions(make_results(dataset, "two_stage", 0).images)
    breasts = group_units(views, predictions)["breast"]

    assert breasts.truth.tolist() == [CANCER, UNNAMED, NORMAL, CANCER, 1]
    counts = count_units(breasts, len(views.patients))
    assert counts.confusion.sum() == 4
    assert breasts.is_positive("tumour").tolist() == [True, True, False, True, True]


def test_figures_of_tumours_stay_and_those_of_classes_leave_it_out(tmp_path: Path) -> None:
    named = figures(make_dataset(CASES), tmp_path)
    without = figures(unnamed(make_dataset(CASES), {1, 2}), tmp_path)

    for key in (("coco", "tumour", "ap50"), ("classification", "view", "auc", "tumour")):
        assert without[key] == pytest.approx(named[key])  # type: ignore[index]
    assert without["lesions", "lesions_matched"] == pytest.approx(
        named["lesions", "lesions_matched"]
    )
    # As if the views in question had not been there.
    whole = make_dataset(CASES)
    rest = figures(whole.subset(whole.images[2:]), tmp_path)
    for key in (("coco", "cancer", "ap50"), ("coco", "benign", "ap50")):
        assert 0 < without[key][0] < 1
        assert without[key] == pytest.approx(rest[key])  # type: ignore[index]


def test_without_any_pathology_classes_are_undefined(tmp_path: Path) -> None:
    ids = {image["id"] for image in make_dataset(CASES).images if image["label"] != "Normal"}
    numbers = figures(unnamed(make_dataset(CASES), ids), tmp_path)

    assert np.isfinite(numbers["coco", "tumour", "ap50"]).all()
    assert np.isnan(numbers["coco", "cancer", "ap50"]).all()
    assert np.isnan(numbers["lesions", "auc_cancer_or_benign"]).all()


def test_who_needs_a_pathology_refuses_by_count() -> None:
    with pytest.raises(InputError, match=r"val\.json: 2 of 8 lesions are of unknown pathology"):
        require_pathology(unnamed(make_dataset(CASES), {1, 2}), "val.json")
    require_pathology(make_dataset(CASES), "val.json")
