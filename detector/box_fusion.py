"""Two lists of boxes on one film, as one.

Source: Solovyev, Wang and Gabruseva, "Weighted boxes fusion", Image and Vision Computing 2021.
"""

from dataclasses import replace

import numpy as np

from detector.detections import Detections
from formats.geometry.boxes import UNPAIRED, iou_xyxy, pair_greedily

# Two boxes of score 0 still have a mean.
LOWEST_WEIGHT = 1e-6


def fuse(
    first: Detections, second: Detections, same_box_iou: float, second_share: float = 0.5
) -> Detections:
    """Merge boxes of the same class that overlap, each with at most one of the other list.

    Best first, a box takes the free one that it overlaps most, from `same_box_iou` on. The merged
    box is the mean of both, weighted by share and score, and its score the mean weighted by share;
    a box that only one list has keeps its list's share of its score.
    """
    shares = 1 - second_share, second_share
    partner = _partners(first, second, same_box_iou)
    is_paired = partner != UNPAIRED
    merged = _mean(first.take(is_paired), second.take(partner[is_paired]), shares)
    lone_second = np.setdiff1d(np.arange(len(second.scores)), partner)
    lone = [first.take(~is_paired), second.take(lone_second)]
    parts = [
        merged,
        *(
            replace(part, scores=part.scores * share)
            for part, share in zip(lone, shares, strict=True)
        ),
    ]
    fused = Detections(
        boxes_xyxy=np.concatenate([part.boxes_xyxy for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
        class_indices=np.concatenate([part.class_indices for part in parts]),
    )
    return fused.take(np.argsort(-fused.scores, kind="stable"))


def _partners(first: Detections, second: Detections, same_box_iou: float) -> np.ndarray:
    """Return the (N,) row of the second list that each box of the first is merged with."""
    overlaps = iou_xyxy(first.boxes_xyxy, second.boxes_xyxy)
    overlaps[first.class_indices[:, None] != second.class_indices[None, :]] = 0.0
    return pair_greedily(overlaps, same_box_iou)


def _mean(first: Detections, second: Detections, shares: tuple[float, float]) -> Detections:
    """Return the mean of each pair of boxes, row by row."""
    share = np.array(shares)[:, None]
    scores = np.stack([first.scores, second.scores])
    weights = (share * np.maximum(scores, LOWEST_WEIGHT))[..., None]
    boxes = np.stack([first.boxes_xyxy, second.boxes_xyxy])
    mean_xyxy = (weights * boxes).sum(axis=0) / weights.sum(axis=0)
    return Detections(
        boxes_xyxy=mean_xyxy, scores=(share * scores).sum(axis=0), class_indices=first.class_indices
    )
