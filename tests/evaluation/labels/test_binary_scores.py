import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from evaluation.labels.binary_scores import (
    area_under_curve,
    average_precision_of_scores,
    count_by_bin,
    count_by_score,
    probability_bin,
)

# The first negative is below one positive of two, the second ties with one and is below the other.
SCORE = np.array([0.2, 0.6, 0.1, 0.6])
IS_POSITIVE = np.array([False, False, True, True])
PATIENT = np.array([0, 0, 1, 1])


def test_area_counted_by_hand() -> None:
    counts = count_by_score(SCORE, IS_POSITIVE, PATIENT, 2)

    assert area_under_curve(counts, np.ones((1, 2))).tolist() == [(1 + 0.5) / 4]


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_scikit_learn_under_weights(seed: int) -> None:
    random = np.random.default_rng(seed)
    score, patient = random.integers(0, 12, 80) / 12, random.integers(0, 10, 80)
    is_positive = random.uniform(size=80) < 0.4
    weights = random.integers(0, 3, 10).astype(float)
    counts = count_by_score(score, is_positive, patient, 10)
    of_unit = {"sample_weight": weights[patient]}

    assert area_under_curve(counts, weights[None])[0] == pytest.approx(
        roc_auc_score(is_positive, score, **of_unit), abs=1e-12
    )
    assert average_precision_of_scores(counts, weights[None])[0] == pytest.approx(
        average_precision_score(is_positive, score, **of_unit), abs=1e-12
    )


def test_one_class_alone_is_undefined() -> None:
    counts = count_by_score(SCORE, IS_POSITIVE, PATIENT, 2)
    negatives_only = np.array([[1.0, 0.0]])

    assert np.isnan(area_under_curve(counts, negatives_only)[0])
    assert np.isnan(average_precision_of_scores(counts, negatives_only)[0])


def test_bins_hold_their_lower_edge_and_the_last_its_upper_one() -> None:
    assert probability_bin(np.array([0.0, 0.05, 0.1, 0.95, 1.0])).tolist() == [0, 0, 1, 9, 9]
    counts = count_by_bin(SCORE, IS_POSITIVE, PATIENT, 2)
    positives, negatives = counts.weighted(np.array([[1.0, 5.0]]))

    assert positives[0].tolist() == [0, 5, 0, 0, 0, 0, 5, 0, 0, 0]
    assert negatives[0].tolist() == [0, 0, 1, 0, 0, 0, 1, 0, 0, 0]
