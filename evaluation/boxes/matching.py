"""Which detection finds which lesion: COCO's greedy matching, over rows of overlapping pairs."""

from dataclasses import dataclass

import numpy as np
from pycocotools import mask as coco_mask

from evaluation.rows import DetectionRows, LesionRows

UNMATCHED = -1


@dataclass(frozen=True, kw_only=True)
class OverlappingPairs:
    """K pairs of a detection and a lesion of the same view whose boxes overlap."""

    detection: np.ndarray
    lesion: np.ndarray
    iou: np.ndarray
    """(K,) intersection over union; for a crowd region, over the detection's area."""
    is_centre_inside: np.ndarray
    """(K,) bool: the middle of the detection lies in the lesion's box, its edge included."""
    is_centre_around: np.ndarray
    """(K,) bool: the middle of the lesion's box lies in the detection, its edge included."""

    def from_iou(self, threshold: float) -> "OverlappingPairs":
        """Keep the pairs that overlap enough to be a hit."""
        # As pycocotools, whose boxes can hit at a threshold of 1.
        return self._kept(self.iou >= min(threshold, 1 - 1e-10))

    def with_centre_inside(self) -> "OverlappingPairs":
        """Keep the pairs where the detection points at the lesion."""
        return self._kept(self.is_centre_inside)

    def with_either_centre_inside(self) -> "OverlappingPairs":
        """Keep the pairs where one points at the other, however differently they are drawn."""
        return self._kept(self.is_centre_inside | self.is_centre_around)

    def _kept(self, keep: np.ndarray) -> "OverlappingPairs":
        return OverlappingPairs(
            detection=self.detection[keep],
            lesion=self.lesion[keep],
            iou=self.iou[keep],
            is_centre_inside=self.is_centre_inside[keep],
            is_centre_around=self.is_centre_around[keep],
        )


def overlapping_pairs(detections: DetectionRows, lesions: LesionRows) -> OverlappingPairs:
    """Find the overlapping pairs, with the overlaps that pycocotools computes."""
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for view in np.intersect1d(detections.view, lesions.view):
        first_detection, end_detection = np.searchsorted(detections.view, [view, view + 1])
        first_lesion, end_lesion = np.searchsorted(lesions.view, [view, view + 1])
        iou = coco_mask.iou(
            detections.bbox_xywh[first_detection:end_detection],
            lesions.bbox_xywh[first_lesion:end_lesion],
            lesions.is_crowd[first_lesion:end_lesion].astype(np.uint8),
        )
        row, column = np.nonzero(iou > 0)
        found.append((row + first_detection, column + first_lesion, iou[row, column]))
    if not found:
        no_rows = np.zeros(0, dtype=np.int64)
        found.append((no_rows, no_rows, np.zeros(0)))
    detection, lesion, iou = (np.concatenate(column) for column in zip(*found, strict=True))
    boxes_xywh, lesions_xywh = detections.bbox_xywh[detection], lesions.bbox_xywh[lesion]
    return OverlappingPairs(
        detection=detection,
        lesion=lesion,
        iou=iou,
        is_centre_inside=_is_centre_inside(boxes_xywh, lesions_xywh),
        is_centre_around=_is_centre_inside(lesions_xywh, boxes_xywh),
    )


def match_greedily(
    pairs: OverlappingPairs, detections: DetectionRows, lesions: LesionRows, is_ignored: np.ndarray
) -> np.ndarray:
    """Give each detection, best first, the free lesion that it overlaps most.

    As in pycocotools, a lesion to be ignored is taken only when no other is left, of equal
    overlaps the lesion listed last wins, and a crowd region can be taken many times.

    Args:
        pairs: those that may become a match.
        detections: what the pairs' detections are.
        lesions: what the pairs' lesions are.
        is_ignored: (L,) bool, of each lesion.

    Returns:
        (N,) the lesion's row of each detection, or `UNMATCHED`.
    """
    preference = np.lexsort(
        (
            -pairs.lesion,
            -pairs.iou,
            is_ignored[pairs.lesion],
            pairs.detection,
            -detections.score[pairs.detection],
        )
    )
    lesion_of: dict[int, int] = {}
    is_free = [True] * len(lesions.view)
    is_crowd = lesions.is_crowd.tolist()
    for detection, lesion in zip(
        pairs.detection[preference].tolist(), pairs.lesion[preference].tolist(), strict=True
    ):
        if detection not in lesion_of and (is_free[lesion] or is_crowd[lesion]):
            lesion_of[detection] = lesion
            is_free[lesion] = False
    match = np.full(len(detections.view), UNMATCHED, dtype=np.int64)
    match[list(lesion_of)] = list(lesion_of.values())
    return match


def hits(match: np.ndarray, lesions: LesionRows) -> np.ndarray:
    """Return (N,) bool: the detection's match is a lesion, and no crowd region."""
    return (match != UNMATCHED) & ~np.append(lesions.is_crowd, False)[match]


def _is_centre_inside(boxes_xywh: np.ndarray, around_xywh: np.ndarray) -> np.ndarray:
    """Return (K,) bool: the middle of each box lies in the other's, its edge included."""
    middle_xy = boxes_xywh[:, :2] + boxes_xywh[:, 2:] / 2
    offset_xy = middle_xy - around_xywh[:, :2]
    return ((offset_xy >= 0) & (offset_xy <= around_xywh[:, 2:])).all(axis=1)
