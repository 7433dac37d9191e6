"""Found boxes and lesions that point at each other, however differently they are drawn."""

from dataclasses import dataclass

import numpy as np

from evaluation.boxes.matching import hits, match_greedily, overlapping_pairs
from evaluation.rows import DetectionRows, LesionRows, ViewRows


@dataclass(frozen=True, kw_only=True)
class CentrePairs:
    """K pairs, each lesion and each box in one at most."""

    patient: np.ndarray
    """(K,) index of the patient."""
    found_size_px: np.ndarray
    """(K, 2) width and height of the found boxes."""
    drawn_size_px: np.ndarray
    """(K, 2) width and height of the lesions' boxes."""
    film_size_px: np.ndarray
    """(K, 2) width and height of the films."""


def centre_pairs(views: ViewRows, lesions: LesionRows, detections: DetectionRows) -> CentrePairs:
    """Pair each lesion with the surest box whose middle it holds, or that holds its middle.

    The overlap plays no part but for one box between two lesions, so that boxes drawn far larger
    or smaller than the truth are paired too. Crowd regions take part in no pair.
    """
    pairs = overlapping_pairs(detections, lesions).with_either_centre_inside()
    match = match_greedily(pairs, detections, lesions, lesions.is_crowd)
    is_hit = hits(match, lesions)
    lesion = match[is_hit]
    view = lesions.view[lesion]
    return CentrePairs(
        patient=views.patient[view],
        found_size_px=detections.bbox_xywh[is_hit, 2:],
        drawn_size_px=lesions.bbox_xywh[lesion, 2:],
        film_size_px=np.stack([views.width_px[view], views.height_px[view]], axis=1),
    )
