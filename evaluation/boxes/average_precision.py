"""COCO's twelve numbers from rows, under any weights of the patients.

With all weights 1 they are pycocotools' own to the last digits; with the multiplicities of a
resample they are pycocotools' on a data set that holds each patient so many times.
"""

from dataclasses import dataclass

import numpy as np

from evaluation.boxes.matching import (
    UNMATCHED,
    OverlappingPairs,
    match_greedily,
    overlapping_pairs,
)
from evaluation.boxes.ranking import ThresholdRanking, rank_by_place
from evaluation.rows import DetectionRows, LesionRows, ViewRows

IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0.0, 1.0, 101)
AREA_RANGES_PX = {
    "all": (0.0, 1e10),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}
MAX_DETECTIONS = 100
FEWER_DETECTIONS = (1, 10)
COCO_KEYS = (
    *("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large"),
    *("ar_1", "ar_10", "ar_100", "ar_small", "ar_medium", "ar_large"),
)


@dataclass(frozen=True, kw_only=True)
class AreaRanking:
    """The detections of one class against its lesions of one range of areas."""

    lesion_count: np.ndarray
    """(P,) lesions of each patient that are to be found."""
    ranking: ThresholdRanking
    """At `IOU_THRESHOLDS`."""
    hit_count: dict[int, np.ndarray]
    """(T, P) hits of each patient at each threshold among the k best boxes of a view, by k."""


def rank_for_coco(
    views: ViewRows, lesions: LesionRows, detections: DetectionRows
) -> dict[str, AreaRanking]:
    """Match one class' detections in every way that the twelve numbers need.

    Returns:
        The rankings by the key of the range of areas.
    """
    rank = detections.rank_in_view()
    is_kept = rank < MAX_DETECTIONS
    detections, rank = detections.kept(is_kept), rank[is_kept]
    pairs = overlapping_pairs(detections, lesions)
    candidates = [pairs.from_iou(threshold) for threshold in IOU_THRESHOLDS]
    best_first = np.argsort(-detections.score, kind="stable")
    return {
        name: _rank_area(views, lesions, detections, rank, best_first, candidates, area_range_px)
        for name, area_range_px in AREA_RANGES_PX.items()
    }


def _rank_area(
    views: ViewRows,
    lesions: LesionRows,
    detections: DetectionRows,
    rank: np.ndarray,
    best_first: np.ndarray,
    candidates: list[OverlappingPairs],
    area_range_px: tuple[float, float],
) -> AreaRanking:
    low, high = area_range_px
    patient_count = len(views.patients)
    is_left_out = lesions.is_crowd | (lesions.area_px < low) | (lesions.area_px > high)
    area_px = detections.bbox_xywh[:, 2] * detections.bbox_xywh[:, 3]
    is_inside = ((area_px >= low) & (area_px <= high))[best_first]
    del area_px
    patient = views.patient[detections.view[best_first]]
    is_hit = np.empty((len(candidates), len(best_first)), dtype=bool)
    is_false = np.empty_like(is_hit)
    for threshold, pairs in enumerate(candidates):
        match = match_greedily(pairs, detections, lesions, is_left_out)[best_first]
        is_hit[threshold] = (match != UNMATCHED) & ~_take(is_left_out, match)
        is_false[threshold] = (match == UNMATCHED) & is_inside
    ranking = rank_by_place(patient, is_hit, is_false, patient_count)
    del is_false
    rank = rank[best_first]
    hit_count = {
        limit: np.stack([_count(patient[hit & (rank < limit)], patient_count) for hit in is_hit])
        for limit in (*FEWER_DETECTIONS, MAX_DETECTIONS)
    }
    lesion_patient = views.patient[lesions.view[~is_left_out]]
    return AreaRanking(
        lesion_count=_count(lesion_patient, patient_count),
        ranking=ranking,
        hit_count=hit_count,
    )


def coco_numbers(rankings: dict[str, AreaRanking], weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return COCO's twelve numbers, each (R,), under (R, P) patient weights.

    NaN where a resample holds no lesion to be found. Formulas: pycocotools' `COCOeval`.
    """
    precision = {area: area_precision(ranking, weights) for area, ranking in rankings.items()}
    numbers = [
        precision["all"].mean(axis=1),
        precision["all"][:, 0],
        precision["all"][:, 5],
        *(precision[area].mean(axis=1) for area in ("small", "medium", "large")),
        *(area_recall(rankings["all"], weights, k) for k in (*FEWER_DETECTIONS, MAX_DETECTIONS)),
        *(
            area_recall(rankings[area], weights, MAX_DETECTIONS)
            for area in ("small", "medium", "large")
        ),
    ]
    return dict(zip(COCO_KEYS, numbers, strict=True))


def area_precision(ranking: AreaRanking, weights: np.ndarray) -> np.ndarray:
    """Return the (R, T) average precision at each IoU threshold."""
    lesions = weights @ ranking.lesion_count
    by_threshold = [
        interpolated_average_precision(*counts, lesions)
        for counts in ranking.ranking.counts(weights)
    ]
    return np.stack(by_threshold, axis=1)


def interpolated_average_precision(
    true_positives: np.ndarray, false_positives: np.ndarray, lesion_weight: np.ndarray
) -> np.ndarray:
    """Return the (R,) mean precision at the 101 recalls.

    Args:
        true_positives: (R, H) up to each hit, best first.
        false_positives: (R, H) before each hit.
        lesion_weight: (R,) lesions to be found in each resample.
    """
    found = true_positives + false_positives
    precision = true_positives / (found + np.spacing(1))
    # A precision holds for every lower recall; behind the last hit it is 0.
    envelope = np.zeros((len(precision), precision.shape[1] + 1))
    envelope[:, :-1] = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    with np.errstate(invalid="ignore"):
        recall = true_positives / lesion_weight[:, None]
    first_hit = np.stack([np.searchsorted(row, RECALLS, side="left") for row in recall])
    mean = np.take_along_axis(envelope, first_hit, axis=1).mean(axis=1)
    return np.where(lesion_weight > 0, mean, np.nan)


def area_recall(ranking: AreaRanking, weights: np.ndarray, limit: int) -> np.ndarray:
    """Return the (R,) recall with the best `limit` boxes a view, averaged over the IoUs."""
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = weights @ ranking.hit_count[limit].T / (weights @ ranking.lesion_count)[:, None]
    return recall.mean(axis=1)


def _count(patient: np.ndarray, patient_count: int) -> np.ndarray:
    return np.bincount(patient, minlength=patient_count).astype(np.float64)


def _take(of_lesion: np.ndarray, match: np.ndarray) -> np.ndarray:
    """Look up a property of the matched lesion; unmatched rows get False."""
    return np.append(of_lesion, False)[match]
