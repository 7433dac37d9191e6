"""FROC: how many lesions are found at so many false positives a view.

A lesion is found at a rate when its best detection scores high enough that no more false positives
than the rate, on average over all views, score as high. Detections are matched greedily, best
first; a second box on a lesion that is found already is a false positive, and one on a crowd
region is nothing.
"""

from dataclasses import dataclass

import numpy as np

from evaluation.boxes.matching import UNMATCHED, hits, match_greedily, overlapping_pairs
from evaluation.boxes.ranking import HitRanking, rank_by_score
from evaluation.figure_keys import LABEL_KEYS, LESION_LABEL_KEYS, rate_key
from evaluation.rows import DetectionRows, LesionRows, ViewRows

FROC_RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""False positives a view."""
CANCER_RATES = (0.5, 1.0, 2.0)
"""Those at which the sensitivity for cancer alone is said."""
IOU_50 = "iou50"
IOU_20 = "iou20"
CENTRE = "box_centre"
CRITERIA = (IOU_50, IOU_20, CENTRE)
PER_VIEW = "per_view"
PER_BREAST = "per_breast"
ALL_LESIONS = "all_lesions"
MEAN_OVER_RATES = "mean_over_rates"
# A lesion's box as a part of its view: from, below. CBIS-DDSM's masses are divided 40, 36 and 24 %.
SIZE_BOUNDS = {
    "small": (0.0, 0.005),
    "medium": (0.005, 0.01),
    "large": (0.01, np.inf),
}
LESION_TYPES = {"mass": "MASS", "calcification": "CALC"}
DENSITIES = (1, 2, 3, 4)


@dataclass(frozen=True)
class Targets:
    """What is to be found, best found first: lesions in views, or breasts."""

    patient: np.ndarray
    """(T,) index of the patient."""
    hit: np.ndarray
    """(T,) place of its best hit in the ranking; the number of hits where it is never found."""


@dataclass(frozen=True, kw_only=True)
class Froc:
    """Detections matched by one criterion."""

    ranking: HitRanking
    view_count: np.ndarray
    """(P,) views of each patient."""
    targets: dict[tuple[str, str], Targets]
    """By unit (per view, per breast) and group of lesions."""


def lesion_groups(views: ViewRows, lesions: LesionRows) -> dict[str, np.ndarray]:
    """Return (L,) bool masks by key: all lesions, by class, size, type and density."""
    boxes_px = lesions.bbox_xywh[:, 2] * lesions.bbox_xywh[:, 3]
    part = boxes_px / (views.height_px * views.width_px)[lesions.view]
    density = views.density[lesions.view]
    types = np.array([name.upper() for name in lesions.lesion_type], dtype=str)
    groups = {ALL_LESIONS: np.ones(len(part), dtype=bool)}
    groups |= {key: lesions.label == LABEL_KEYS.index(key) for key in LESION_LABEL_KEYS}
    groups |= {key: (part >= low) & (part < high) for key, (low, high) in SIZE_BOUNDS.items()}
    groups |= {key: np.strings.find(types, word) >= 0 for key, word in LESION_TYPES.items()}
    groups |= {f"density_{grade}": density == grade for grade in DENSITIES}
    return {key: mask & ~lesions.is_crowd for key, mask in groups.items()}


def match_by(criterion: str, detections: DetectionRows, lesions: LesionRows) -> np.ndarray:
    """Return the (N,) lesion that each detection finds by one of `CRITERIA`, or `UNMATCHED`."""
    pairs = overlapping_pairs(detections, lesions)
    candidates = {
        IOU_50: lambda: pairs.from_iou(0.5),
        IOU_20: lambda: pairs.from_iou(0.2),
        CENTRE: pairs.with_centre_inside,
    }[criterion]()
    return match_greedily(candidates, detections, lesions, lesions.is_crowd)


def rank_for_froc(
    views: ViewRows,
    lesions: LesionRows,
    detections: DetectionRows,
    match: np.ndarray,
    groups: dict[str, np.ndarray],
) -> Froc:
    """Rank matched detections.

    Args:
        views: all of them, those without lesions too.
        lesions: what is to be found.
        detections: all of them.
        match: (N,) as `match_by` returns it.
        groups: (L,) bool masks of lesions by key.
    """
    best_first = np.argsort(-detections.score, kind="stable")
    match, score = match[best_first], detections.score[best_first]
    patient = views.patient[detections.view[best_first]]
    is_hit = hits(match, lesions)
    rows = (patient, score, is_hit, match == UNMATCHED)
    ranking = rank_by_score(*rows, len(views.patients))
    hit_of_lesion = np.full(len(lesions.view), is_hit.sum())
    hit_of_lesion[match[is_hit]] = np.arange(is_hit.sum())
    targets = {}
    for name, mask in groups.items():
        view, hit = lesions.view[mask], hit_of_lesion[mask]
        targets[PER_VIEW, name] = _sorted_targets(views.patient[view], hit)
        targets[PER_BREAST, name] = _breasts(views, view, hit)
    view_count = np.bincount(views.patient, minlength=len(views.patients)).astype(np.float64)
    return Froc(ranking=ranking, view_count=view_count, targets=targets)


def sensitivities(froc: Froc, weights: np.ndarray) -> dict[tuple[str, str, str], np.ndarray]:
    """Return the (R,) sensitivities under (R, P) patient weights, and their mean over the rates.

    NaN where a resample holds nothing to be found.

    Returns:
        By unit, group of lesions, and rate of false positives a view.
    """
    false_positives = froc.ranking.false_positives(weights)
    views = weights @ froc.view_count
    hits_allowed = np.stack(
        [(false_positives <= (rate * views)[:, None]).sum(axis=1) for rate in FROC_RATES], axis=1
    )
    numbers = {}
    for (unit, group), targets in froc.targets.items():
        found = _found_part(targets, hits_allowed, weights)
        for column, rate in enumerate(FROC_RATES):
            numbers[unit, group, rate_key(rate)] = found[:, column]
        numbers[unit, group, MEAN_OVER_RATES] = found.mean(axis=1)
    return numbers


def froc_curve(froc: Froc, unit: str, group: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the false positives a view and the sensitivity at each hit, both (H,)."""
    once = np.ones((1, len(froc.view_count)))
    targets = froc.targets[unit, group]
    hits = len(froc.ranking.hit_patient)
    rates = froc.ranking.false_positives(once)[0] / froc.view_count.sum()
    found = np.searchsorted(targets.hit, np.arange(hits), side="right")
    return rates, found / max(len(targets.hit), 1)


def _found_part(targets: Targets, hits_allowed: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the (R, F) parts of targets whose hit is among the first of (R, F) allowed ones."""
    found = np.zeros((len(weights), len(targets.hit) + 1))
    np.cumsum(weights[:, targets.patient], axis=1, out=found[:, 1:])
    allowed_targets = np.searchsorted(targets.hit, hits_allowed, side="left")
    with np.errstate(invalid="ignore"):
        return np.take_along_axis(found, allowed_targets, axis=1) / found[:, -1:]


def _sorted_targets(patient: np.ndarray, hit: np.ndarray) -> Targets:
    order = np.argsort(hit, kind="stable")
    return Targets(patient[order], hit[order])


def _breasts(views: ViewRows, view: np.ndarray, hit: np.ndarray) -> Targets:
    """Make one target a breast, found as soon as one of its lesions is in either view."""
    best_first = np.argsort(hit, kind="stable")
    _, first = np.unique(views.breast[view[best_first]], return_index=True)
    best = best_first[first]
    return _sorted_targets(views.patient[view[best]], hit[best])
