"""Hits in the order of their scores, and how many false positives of each patient come before.

AP and FROC change only where a lesion is found, so a resample of patients needs one row a hit,
however many false positives there are.
"""

from collections.abc import Iterator
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
        return _cumulated(self.false_between, weights)


@dataclass(frozen=True, kw_only=True)
class ThresholdRanking:
    """The same rows at T thresholds, at each of which other rows are hits.

    Nearly all false positives are that at every threshold: they are held and counted once, so that
    ten thresholds cost little more than one.
    """

    always_false_between: csr_array
    """(U, P) rows that are false at every threshold, by the U rows that are a hit at any."""
    at_threshold: tuple[HitRanking, ...]
    """The hits of each threshold, and the false positives that are none at another."""
    place: tuple[np.ndarray, ...]
    """The (H,) places of each threshold's hits among the U rows."""

    def counts(self, weights: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (R, H) true and false positives of each threshold, under (R, P) weights."""
        always_false = _cumulated(self.always_false_between, weights)
        for ranking, place in zip(self.at_threshold, self.place, strict=True):
            false_positives = ranking.false_positives(weights)
            false_positives += always_false[:, place]
            yield ranking.true_positives(weights), false_positives


def rank_by_place(
    patient: np.ndarray, is_hit: np.ndarray, is_false: np.ndarray, patient_count: int
) -> ThresholdRanking:
    """Rank rows that are sorted best first; ties count in the order of the rows.

    Args:
        patient: (N,) index of the patient of each row.
        is_hit: (T, N) bool, at each threshold.
        is_false: (T, N) bool; a row that is neither plays no part.
        patient_count: P.
    """
    is_ever_hit, is_always_false = is_hit.any(axis=0), is_false.all(axis=0)
    hit_row = np.flatnonzero(is_ever_hit)
    # The few rows that are false at one threshold and something else at another.
    mixed_row = np.flatnonzero(is_false.any(axis=0) & ~is_always_false)
    always_false_row = np.flatnonzero(is_always_false)
    own_row = [np.flatnonzero(hit) for hit in is_hit]
    return ThresholdRanking(
        always_false_between=_count_before(
            np.searchsorted(hit_row, always_false_row),
            patient[always_false_row],
            (len(hit_row), patient_count),
        ),
        at_threshold=tuple(
            _rank_rows(patient, own, mixed_row[false[mixed_row]], patient_count)
            for own, false in zip(own_row, is_false, strict=True)
        ),
        place=tuple(np.searchsorted(hit_row, own) for own in own_row),
    )


def rank_by_score(
    patient: np.ndarray,
    score: np.ndarray,
    is_hit: np.ndarray,
    is_false: np.ndarray,
    patient_count: int,
) -> HitRanking:
    """Rank (N,) rows that are sorted best first; of equal scores the false positives come first."""
    hits_before = np.searchsorted(-score[is_hit], -score[is_false], side="left")
    hit_patient = patient[is_hit]
    shape = (len(hit_patient), patient_count)
    return HitRanking(hit_patient, _count_before(hits_before, patient[is_false], shape))


def _rank_rows(
    patient: np.ndarray, hit_row: np.ndarray, false_row: np.ndarray, patient_count: int
) -> HitRanking:
    hits_before = np.searchsorted(hit_row, false_row)
    shape = (len(hit_row), patient_count)
    return HitRanking(patient[hit_row], _count_before(hits_before, patient[false_row], shape))


def _count_before(
    hits_before: np.ndarray, false_patient: np.ndarray, shape: tuple[int, int]
) -> csr_array:
    """Return the (H, P) false positives by how many hits come before each."""
    # What comes after the last hit changes no figure.
    matters = hits_before < shape[0]
    place = (hits_before[matters].astype(np.int32), false_patient[matters].astype(np.int32))
    counts = csr_array((np.ones(len(place[0])), place), shape=shape)
    counts.sum_duplicates()
    return counts


def _cumulated(between: csr_array, weights: np.ndarray) -> np.ndarray:
    weighted = between @ weights.T
    return np.cumsum(np.ascontiguousarray(weighted.T), axis=1)
