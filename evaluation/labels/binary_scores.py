"""AUC, average precision and calibration of a score, under any weights of the patients."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

BIN_COUNT = 10
BIN_EDGES = np.arange(BIN_COUNT + 1) / BIN_COUNT


@dataclass(frozen=True)
class ScoreCounts:
    """How many units of each of P patients have each of G scores or bins, lowest first."""

    positives: csr_array
    """(G, P)"""
    negatives: csr_array
    """(G, P)"""

    def weighted(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the (R, G) weights of positives and negatives under (R, P) patient weights."""
        return (self.positives @ weights.T).T, (self.negatives @ weights.T).T


def count_by_score(
    score: np.ndarray, is_positive: np.ndarray, patient: np.ndarray, patient_count: int
) -> ScoreCounts:
    """Count U units by their distinct scores.

    Args:
        score: (U,)
        is_positive: (U,) bool.
        patient: (U,) index of the patient.
        patient_count: P.
    """
    distinct, group = np.unique(score, return_inverse=True)
    return _count(group, len(distinct), is_positive, patient, patient_count)


def count_by_bin(
    probability: np.ndarray, is_positive: np.ndarray, patient: np.ndarray, patient_count: int
) -> ScoreCounts:
    """Count U units by ten bins of probability, the upper edge of the last one inside."""
    return _count(probability_bin(probability), BIN_COUNT, is_positive, patient, patient_count)


def probability_bin(probability: np.ndarray) -> np.ndarray:
    """Return the (U,) bin of each probability, 0 to 9."""
    return np.clip(np.searchsorted(BIN_EDGES, probability, side="right") - 1, 0, BIN_COUNT - 1)


def area_under_curve(counts: ScoreCounts, weights: np.ndarray) -> np.ndarray:
    """Return the (R,) area under the ROC curve; a tie is half a success.

    It is the Mann-Whitney statistic (Hanley and McNeil 1982). NaN without both classes.
    """
    return area_of_counts(*counts.weighted(weights))


def area_of_counts(positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
    """Return the (R,) area from the (R, G) weights of both classes at each score, lowest first."""
    below = np.cumsum(negatives, axis=1) - negatives
    successes = (positives * (below + negatives / 2)).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return successes / (positives.sum(axis=1) * negatives.sum(axis=1))


def average_precision_of_scores(counts: ScoreCounts, weights: np.ndarray) -> np.ndarray:
    """Return the (R,) mean precision over the steps of recall, as scikit-learn's.

    NaN without positives.
    """
    positives, negatives = (side[:, ::-1] for side in counts.weighted(weights))
    hits = np.cumsum(positives, axis=1)
    called = hits + np.cumsum(negatives, axis=1)
    precision = np.divide(hits, called, out=np.zeros_like(hits), where=called > 0)
    with np.errstate(invalid="ignore"):
        return (positives * precision).sum(axis=1) / positives.sum(axis=1)


def _count(
    group: np.ndarray,
    group_count: int,
    is_positive: np.ndarray,
    patient: np.ndarray,
    patient_count: int,
) -> ScoreCounts:
    def counted(keep: np.ndarray) -> csr_array:
        place = (group[keep], patient[keep])
        return csr_array((np.ones(keep.sum()), place), shape=(group_count, patient_count))

    return ScoreCounts(counted(is_positive), counted(~is_positive))
