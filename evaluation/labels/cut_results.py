"""What results can still say that list boxes from an operating point on alone.

The boxes that are not listed would have found further lesions at more false positives: average
precision is unknown, and so is the sensitivity at any rate that the listed boxes do not exceed.
"""

from dataclasses import dataclass

import numpy as np

from evaluation.boxes.froc import (
    CANCER_RATES,
    FROC_RATES,
    IOU_50,
    MEAN_OVER_RATES,
    PER_BREAST,
    PER_VIEW,
    match_by,
)
from evaluation.boxes.lesion_classification import CANCER
from evaluation.boxes.matching import UNMATCHED
from evaluation.figure_keys import rate_key
from evaluation.rows import DetectionRows, LesionRows, ViewRows
from formats.results import LOWEST_LISTED_SCORE

Numbers = dict[tuple[str, ...], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Cut:
    """How far the boxes of cut results reach."""

    lowest_score: float
    view_count: np.ndarray
    """(P,) views of each patient."""
    false_count: dict[str, np.ndarray]
    """(P,) listed false positives of each patient, by criterion."""
    cancer_false_count: np.ndarray
    """(P,) those that would be listed if boxes were ranked for cancer."""


def find_cut(
    lowest_score: float | None,
    views: ViewRows,
    lesions: LesionRows,
    detections: DetectionRows,
    matches: dict[str, np.ndarray],
) -> Cut | None:
    """Return how far listed boxes reach; None where all that matter are listed.

    Args:
        lowest_score: from which on boxes are listed; None where the results do not say.
        views: all of them.
        lesions: what is to be found.
        detections: all that are listed.
        matches: (N,) lesions that the detections find, by criterion.
    """
    if lowest_score is None or lowest_score <= LOWEST_LISTED_SCORE:
        return None

    def by_patient(is_false: np.ndarray) -> np.ndarray:
        patient = views.patient[detections.view[is_false]]
        return np.bincount(patient, minlength=len(views.patients))

    ranked, cancers = detections.scored_for(CANCER), lesions.of_label(CANCER)
    # An unlisted box's score is below the cut, and so is its product with any probability.
    is_certain = ranked.score >= lowest_score
    is_no_cancer = match_by(IOU_50, ranked, cancers) == UNMATCHED
    return Cut(
        lowest_score=lowest_score,
        view_count=np.bincount(views.patient, minlength=len(views.patients)),
        false_count={name: by_patient(match == UNMATCHED) for name, match in matches.items()},
        cancer_false_count=by_patient(is_no_cancer & is_certain),
    )


def blank_beyond_cut(numbers: Numbers, cut: Cut, weights: np.ndarray) -> Numbers:
    """Return the (R,) figures with NaN for those that (R, P) weighted cut results cannot tell."""
    told = {key: np.full_like(n, np.nan) if key[0] == "coco" else n for key, n in numbers.items()}
    for criterion, false_count in cut.false_count.items():
        reached = _rate(false_count, cut, weights)
        limits = {rate_key(rate): rate for rate in FROC_RATES} | {MEAN_OVER_RATES: max(FROC_RATES)}
        for key in told:
            if key[:2] == ("froc", criterion):
                told[key] = np.where(limits[key[-1]] < reached, told[key], np.nan)
    reached = _rate(cut.cancer_false_count, cut, weights)
    for unit in (PER_VIEW, PER_BREAST):
        for rate in CANCER_RATES:
            key = "lesions", "cancer_sensitivity", unit, rate_key(rate)
            told[key] = np.where(rate < reached, told[key], np.nan)
    return told


def _rate(false_count: np.ndarray, cut: Cut, weights: np.ndarray) -> np.ndarray:
    """Return the (R,) false positives a view among the listed boxes."""
    with np.errstate(invalid="ignore"):
        return (weights @ false_count) / (weights @ cut.view_count)
