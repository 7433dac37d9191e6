from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_rows import make_dataset, make_results

from evaluation.boxes.froc import FROC_RATES
from evaluation.figure_keys import rate_key
from evaluation.method_figures import Numbers, Truth, match_method, read_truth, replicate_method
from evaluation.rows import results_by_view
from formats.coco import write_coco
from formats.results import Detection, Results

SIDES = {"LEFT": "Cancer", "RIGHT": "Benign"}
CASES = [(f"A_{number}", side, label) for number in range(6) for side, label in SIDES.items()]
CUT = 0.4


@pytest.fixture
def truth(tmp_path: Path) -> Truth:
    write_coco(make_dataset(CASES), tmp_path / "test.json")
    return read_truth(tmp_path / "test.json")


@pytest.fixture
def whole(truth: Truth) -> Results:
    """Three boxes a view: one near the lesion and two that are nowhere, of any score."""
    random = np.random.default_rng(0)
    results = make_results(truth.dataset, "two_stage", 0)

    def more() -> Detection:
        x, y, cancer = random.uniform(45, 70), random.uniform(45, 90), random.uniform()
        labels = {"Benign": 1 - cancer, "Cancer": cancer}
        return Detection(
            bbox_xyxy=(x, y, x + 9, y + 9),
            score=random.uniform(),
            label="Benign",
            label_scores=labels,
        )

    images = [
        replace(image, detections=[*image.detections, more(), more()]) for image in results.images
    ]
    return replace(results, images=images, lowest_score=0.01)


def cut_at(results: Results, lowest_score: float) -> Results:
    images = [
        replace(image, detections=[d for d in image.detections if d.score >= lowest_score])
        for image in results.images
    ]
    return replace(results, images=images, lowest_score=lowest_score)


def measured(results: Results, truth: Truth) -> Numbers:
    images = results_by_view(Path("r.json"), results.images, truth.views)
    return replicate_method(match_method("m", results, images, truth), np.ones((1, 6)))


def test_a_cut_list_tells_what_the_whole_list_tells_or_nothing(
    truth: Truth, whole: Results
) -> None:
    expected, told = measured(whole, truth), measured(cut_at(whole, CUT), truth)

    assert all(np.isnan(value).all() for key, value in told.items() if key[0] == "coco")
    froc = [key for key in told if key[0] == "froc" or "cancer sensitivity" in key[-1]]
    known = [key for key in froc if np.isfinite(told[key]).all()]
    assert 0 < len(known) < len(froc)
    for key in known:
        assert told[key].tolist() == expected[key].tolist(), key


def test_rates_beyond_the_listed_boxes_are_not_told(truth: Truth, whole: Results) -> None:
    cut = cut_at(whole, CUT)
    told = measured(cut, truth)
    boxes_a_view = sum(len(i.detections) for i in cut.images) / len(cut.images)

    for rate in FROC_RATES:
        value = told["froc", "iou50", "per_view", "all_lesions", rate_key(rate)][0]
        if rate >= boxes_a_view:
            assert np.isnan(value)
    assert np.isnan(told["froc", "iou50", "per_view", "all_lesions", "mean_over_rates"][0])


@pytest.mark.parametrize("lowest_score", [None, 0.0, 0.01])
def test_whole_lists_and_those_that_do_not_say_are_taken_as_they_are(
    truth: Truth, whole: Results, lowest_score: float | None
) -> None:
    told = measured(replace(whole, lowest_score=lowest_score), truth)

    assert np.isfinite(told["coco", "tumour", "ap50"]).all()
    assert np.isfinite(told["froc", "iou50", "per_view", "all_lesions", "at_8_fp"]).all()
