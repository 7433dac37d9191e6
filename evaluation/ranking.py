"""Hits in the order of their scores, and how many false positives of each patient come before.

AP and FROC change only where a lesion is found, so a resample of patients needs one row a hit,
however many false positives there are.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array


@dataclass(frozen=True)
class HitRanking:
    """H hits, best first, of a data set with P patients."""

    hit_patient: np.ndarray
    """(H,) index of the patient."""
    false_between: csr_array
    """(H, P) false positives of each patient that come before a hit and not before the last."""

    def true_positives(self, weights: np.ndarray) -> np.ndarray:
        """Return the (R, H) weights of the hits up to each, under (R, P) patient weights."""
        return np.cumsum(weights[:, self.hit_patient], axis=1)

    def false_positives(self, weights: np.ndarray) -> np.ndarray:
        """Return the (R, H) weights of the false positives before each hit."""
        between = self.false_between @ weights.T
        return np.cumsum(np.ascontiguousarray(between.T), axis=1)


def rank_by_place(
    patient: np.ndarray, is_hit: np.ndarray, is_false: np.ndarray, patient_count: int
) -> HitRanking:
    """Rank rows that are sorted best first; ties count in the order of the rows.

    Args:
        patient: (N,) index of the patient of each row.
        is_hit: (N,) bool.
        is_false: (N,) bool; a row that is neither plays no part.
        patient_count: P.
    """
    hits_before = np.cumsum(is_hit)[is_false]
    return _ranking(patient[is_hit], patient[is_false], hits_before, patient_count)


def rank_by_score(
    patient: np.ndarray,
    score: np.ndarray,
    is_hit: np.ndarray,
    is_false: np.ndarray,
    patient_count: int,
) -> HitRanking:
    """Rank rows that are sorted best first; of equal scores the false positives come first."""
    hits_before = np.searchsorted(-score[is_hit], -score[is_false], side="left")
    return _ranking(patient[is_hit], patient[is_false], hits_before, patient_count)


def _ranking(
    hit_patient: np.ndarray, false_patient: np.ndarray, hits_before: np.ndarray, patient_count: int
) -> HitRanking:
    hit_count = len(hit_patient)
    # What comes after the last hit changes no figure.
    matters = hits_before < hit_count
    counts = csr_array(
        (np.ones(matters.sum()), (hits_before[matters], false_patient[matters])),
        shape=(hit_count, patient_count),
    )
    counts.sum_duplicates()
    return HitRanking(hit_patient, counts)
