import numpy as np
import pytest

from evaluation.boxes.ranking import rank_by_place, rank_by_score

PATIENT = np.array([0, 1, 1, 0, 1])
IS_HIT = np.array([False, True, False, True, False])
IS_FALSE = ~IS_HIT


def test_counts_before_each_hit_are_weighted_by_patient() -> None:
    ranking = rank_by_place(PATIENT, IS_HIT[None], IS_FALSE[None], 2)
    weights = np.array([[1.0, 1.0], [3.0, 10.0]])
    [(true_positives, false_positives)] = ranking.counts(weights)

    assert true_positives.tolist() == [[1, 2], [10, 13]]
    # The last false positive comes after all hits.
    assert false_positives.tolist() == [[1, 2], [3, 13]]


@pytest.mark.parametrize("seed", range(4))
def test_every_threshold_counts_as_if_it_stood_alone(seed: int) -> None:
    random = np.random.default_rng(seed)
    patient = random.integers(0, 5, 60)
    # 0 a hit, 1 false, 2 neither; most rows are the same at all thresholds.
    kind = np.where(random.uniform(size=(3, 60)) < 0.7, 1, random.integers(0, 3, (3, 60)))
    weights = random.integers(0, 4, (7, 5)).astype(float)
    together = rank_by_place(patient, kind == 0, kind == 1, 5).counts(weights)

    for (true_positives, false_positives), row in zip(together, kind, strict=True):
        hit_row = np.flatnonzero(row == 0)
        of_row = weights[:, patient]
        expected_true = np.cumsum(of_row * (row == 0), axis=1)[:, hit_row]
        expected_false = np.cumsum(of_row * (row == 1), axis=1)[:, hit_row]
        assert np.array_equal(true_positives, expected_true)
        assert np.array_equal(false_positives, expected_false)


def test_by_score_an_equal_false_positive_comes_before_the_hit() -> None:
    score = np.array([0.9, 0.5, 0.5, 0.2, 0.1])
    once = np.ones((1, 2))
    by_score = rank_by_score(PATIENT, score, IS_HIT, IS_FALSE, 2).false_positives(once)
    [(_, by_place)] = rank_by_place(PATIENT, IS_HIT[None], IS_FALSE[None], 2).counts(once)

    assert by_score.tolist() == [[2, 2]]
    assert by_place.tolist() == [[1, 2]]


def test_no_hit_is_no_column() -> None:
    nothing = np.zeros(5, dtype=bool)
    ranking = rank_by_place(PATIENT, nothing[None], IS_FALSE[None], 2)
    [(true_positives, false_positives)] = ranking.counts(np.ones((3, 2)))

    assert true_positives.shape == false_positives.shape == (3, 0)
