"""Both stages together: is the lesion that was found named rightly?"""

from dataclasses import dataclass

import numpy as np

from evaluation.boxes.froc import (
    ALL_LESIONS,
    CANCER_RATES,
    IOU_50,
    PER_BREAST,
    PER_VIEW,
    Froc,
    match_by,
    rank_for_froc,
    sensitivities,
)
from evaluation.boxes.matching import hits
from evaluation.figure_keys import FigureKey, rate_key
from evaluation.labels.binary_scores import ScoreCounts, area_under_curve, count_by_score
from evaluation.rows import UNNAMED, DetectionRows, LesionRows, ViewRows
from formats.labels import LABELS, LESION_LABELS

CANCER = LABELS.index("Cancer")
CANCER_COLUMN = LESION_LABELS.index("Cancer")


@dataclass(frozen=True, kw_only=True)
class LesionClassification:
    """What the figures are derived from."""

    matched: ScoreCounts
    """Lesions found at IoU 0.5 whose pathology is known, by their box' probability of Cancer;
    cancers are positive."""
    hits: np.ndarray
    """(P,) lesions found at IoU 0.5."""
    lesions: np.ndarray
    """(P,) lesions."""
    cancer_froc: Froc
    """Boxes ranked by tumour score times probability of Cancer, against the cancers alone."""


def match_for_classification(
    views: ViewRows, lesions: LesionRows, detections: DetectionRows
) -> LesionClassification:
    """Match boxes to lesions whatever the class, and boxes ranked for cancer to cancers."""
    patient_count = len(views.patients)
    match = match_by(IOU_50, detections, lesions)
    is_hit = hits(match, lesions)
    patient = views.patient[detections.view[is_hit]]
    is_named_hit = is_hit.copy()
    is_named_hit[is_hit] = lesions.label[match[is_hit]] != UNNAMED
    cancers, ranked = lesions.of_label(CANCER), detections.scored_for(CANCER)
    return LesionClassification(
        matched=count_by_score(
            detections.label_scores[is_named_hit, CANCER_COLUMN],
            lesions.label[match[is_named_hit]] == CANCER,
            views.patient[detections.view[is_named_hit]],
            patient_count,
        ),
        hits=np.bincount(patient, minlength=patient_count),
        lesions=np.bincount(
            views.patient[lesions.view[~lesions.is_crowd]], minlength=patient_count
        ),
        cancer_froc=rank_for_froc(
            views,
            cancers,
            ranked,
            match_by(IOU_50, ranked, cancers),
            {ALL_LESIONS: ~cancers.is_crowd},
        ),
    )


def lesion_numbers(found: LesionClassification, weights: np.ndarray) -> dict[FigureKey, np.ndarray]:
    """Return the (R,) figures by key under (R, P) patient weights."""
    with np.errstate(invalid="ignore"):
        matched_part = (weights @ found.hits) / (weights @ found.lesions)
    numbers: dict[FigureKey, np.ndarray] = {
        ("lesions_matched",): matched_part,
        ("auc_cancer_or_benign",): area_under_curve(found.matched, weights),
    }
    at_rates = sensitivities(found.cancer_froc, weights)
    for unit in (PER_VIEW, PER_BREAST):
        for rate in CANCER_RATES:
            key = rate_key(rate)
            numbers["cancer_sensitivity", unit, key] = at_rates[unit, ALL_LESIONS, key]
    return numbers
