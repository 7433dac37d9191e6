import numpy as np

from evaluation.ranking import rank_by_place, rank_by_score

PATIENT = np.array([0, 1, 1, 0, 1])
IS_HIT = np.array([False, True, False, True, False])
IS_FALSE = ~IS_HIT


def test_counts_before_each_hit_are_weighted_by_patient() -> None:
    ranking = rank_by_place(PATIENT, IS_HIT, IS_FALSE, 2)
    weights = np.array([[1.0, 1.0], [3.0, 10.0]])

    assert ranking.true_positives(weights).tolist() == [[1, 2], [10, 13]]
    # The last false positive comes after all hits.
    assert ranking.false_positives(weights).tolist() == [[1, 2], [3, 13]]


def test_by_score_an_equal_false_positive_comes_before_the_hit() -> None:
    score = np.array([0.9, 0.5, 0.5, 0.2, 0.1])
    once = np.ones((1, 2))

    assert rank_by_score(PATIENT, score, IS_HIT, IS_FALSE, 2).false_positives(once).tolist() == [
        [2, 2]
    ]
    assert rank_by_place(PATIENT, IS_HIT, IS_FALSE, 2).false_positives(once).tolist() == [[1, 2]]


def test_no_hit_is_no_column() -> None:
    nothing = np.zeros(5, dtype=bool)
    ranking = rank_by_place(PATIENT, nothing, IS_FALSE, 2)

    assert ranking.false_positives(np.ones((3, 2))).shape == (3, 0)
