"""What is found on a film and on its mirror image, as one.

Source: Solovyev, Wang and Gabruseva, "Weighted boxes fusion", Image and Vision Computing 2021.
"""

from dataclasses import replace

import numpy as np

from detector.detections import Detections
from formats.boxes import UNPAIRED, iou_xyxy, pair_greedily

# Two boxes of score 0 still have a mean.
LOWEST_WEIGHT = 1e-6


def mirror_back(found: Detections, side_px: int) -> Detections:
    """Move boxes on a square that was mirrored left to right to where they lie on the square."""
    boxes_xyxy = found.boxes_xyxy.copy()
    boxes_xyxy[:, [0, 2]] = side_px - boxes_xyxy[:, [2, 0]]
    return replace(found, boxes_xyxy=boxes_xyxy)


def fuse(first: Detections, second: Detections, same_box_iou: float) -> Detections:
    """Merge boxes of the same class that overlap, each with at most one of the other list.

    Best first, a box takes the free one that it overlaps most, from `same_box_iou` on. The merged
    box is their mean, weighted by score, and its score the mean of both; a box that only one list
    has keeps half its score.
    """
    partner = _partners(first, second, same_box_iou)
    is_paired = partner != UNPAIRED
    merged = _mean(first.take(is_paired), second.take(partner[is_paired]))
    lone_second = np.setdiff1d(np.arange(len(second.scores)), partner)
    lone = [first.take(~is_paired), second.take(lone_second)]
    parts = [merged, *(replace(part, scores=part.scores / 2) for part in lone)]
    fused = Detections(
        np.concatenate([part.boxes_xyxy for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.class_indices for part in parts]),
    )
    return fused.take(np.argsort(-fused.scores, kind="stable"))


def _partners(first: Detections, second: Detections, same_box_iou: float) -> np.ndarray:
    """Return the (N,) row of the second list that each box of the first is merged with."""
    overlaps = iou_xyxy(first.boxes_xyxy, second.boxes_xyxy)
    overlaps[first.class_indices[:, None] != second.class_indices[None, :]] = 0.0
    return pair_greedily(overlaps, same_box_iou)


def _mean(first: Detections, second: Detections) -> Detections:
    """Return the mean of each pair of boxes, row by row."""
    scores = np.stack([first.scores, second.scores])
    weights = np.maximum(scores, LOWEST_WEIGHT)[..., None]
    boxes = np.stack([first.boxes_xyxy, second.boxes_xyxy])
    mean_xyxy = (weights * boxes).sum(axis=0) / weights.sum(axis=0)
    return Detections(mean_xyxy, scores.mean(axis=0), first.class_indices)
