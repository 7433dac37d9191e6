import numpy as np
import pytest
from scipy.special import expit

from evaluation.rows import view_rows
from formats.coco import CocoDataset
from formats.results import Detection, ImageResult
from pipeline.cases.fusion_fitting import Breasts, breasts_of, cut_at, fit_fusion, fit_parameters

BREASTS = 4000


@pytest.fixture(scope="module")
def breasts() -> Breasts:
    """Breasts whose truth follows the sum of both views' log-odds, a fifth of them with one."""
    random = np.random.default_rng(0)
    log_odds = random.normal(0, 1.5, (BREASTS, 2))
    is_positive = random.uniform(size=BREASTS) < expit(log_odds.sum(axis=1))
    views = expit(log_odds)
    views[: BREASTS // 5, 1] = np.nan
    return Breasts(views, is_positive, np.arange(BREASTS) // 2)


def test_what_the_answers_follow_is_found(breasts: Breasts) -> None:
    found = fit_parameters(breasts)

    assert found.intercept == pytest.approx(0, abs=0.15)
    assert found.higher == pytest.approx(1, abs=0.15)
    assert found.lower == pytest.approx(1, abs=0.15)
    # One view of two is less sure of the breast.
    assert 0.5 < found.single_slope < 0.95


def test_it_beats_what_needs_no_fitting_on_other_patients(breasts: Breasts) -> None:
    fusion = fit_fusion(breasts, BREASTS // 2)

    assert fusion.positives == breasts.is_positive.sum()
    for name in ("maximum", "noisy_or"):
        assert fusion.auc_gain[name].low > 0
        assert fusion.log_loss_gain[name].low > 0
        assert fusion.auc["fitted"].value - fusion.auc[name].value == pytest.approx(
            fusion.auc_gain[name].value
        )
    assert fusion.auc["fitted"].low < fusion.auc["fitted"].value < fusion.auc["fitted"].high


def test_too_few_breasts_are_not_fitted(breasts: Breasts) -> None:
    few = Breasts(breasts.views[-4:], np.array([True, True, False, True]), breasts.patient[-4:])

    assert fit_fusion(few, BREASTS // 2) is None


def test_breasts_are_gathered_by_case_and_side() -> None:
    names = ["LEFT_CC", "LEFT_MLO", "RIGHT_CC", "RIGHT_CC2", "RIGHT_MLO"]
    labels = ["Cancer", "Normal", "Benign", "Benign", "Benign"]
    images = [
        {
            "id": number, "file_name": name, "width": 9, "height": 9, "case_id": "A",
            "side": name.split("_")[0], "view": name.split("_")[1].rstrip("2"), "label": label,
        }
        for number, (name, label) in enumerate(zip(names, labels, strict=True), start=1)
    ]  # fmt: skip
    said = [
        ImageResult(
            file_name=name,
            width=9,
            height=9,
            label="Normal",
            scores={"Normal": 0.5, "Benign": 0.25, "Cancer": 0.25},
        )
        for name in names
    ]
    dataset = CocoDataset(images=images, annotations=[])
    found = breasts_of(view_rows(dataset), [image["view"] for image in images], said, "tumour")

    # The right breast has two films of one view.
    assert found.views.tolist() == [[0.5, 0.5]]
    assert found.is_positive.tolist() == [True]


def test_a_cut_keeps_what_is_listed_and_its_probabilities() -> None:
    detections = [
        Detection(
            bbox_xyxy=(0, 0, 9, 9),
            score=score,
            label="Cancer",
            label_scores={"Benign": 0.5, "Cancer": 0.5},
        )
        for score in (0.5, 0.25)
    ]
    image = ImageResult(
        file_name="a", width=9, height=9, label="Cancer", scores={}, detections=detections
    )

    assert cut_at([image], 0.3)[0].scores == {"Normal": 0.5, "Benign": 0.25, "Cancer": 0.25}
    assert cut_at([image], 0.6)[0].scores["Normal"] == 1
