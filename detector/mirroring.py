"""What is found on a film and on its mirror image, as one.

Source: Solovyev, Wang and Gabruseva, "Weighted boxes fusion", Image and Vision Computing 2021.
"""

import numpy as np
from torch import Tensor

from converters.boxes import iou_xyxy

SAME_BOX_IOU = 0.5
# Two boxes of score 0 still have a mean.
LOWEST_WEIGHT = 1e-6

Found = dict[str, np.ndarray]
"""`boxes` (N, 4) xyxy, `scores` (N,) falling, and `labels` (N,)."""


def mirror_back(found: Found, side_px: int) -> Found:
    """Move boxes on a square that was mirrored left to right to where they lie on the square."""
    boxes_xyxy = found["boxes"].copy()
    boxes_xyxy[:, [0, 2]] = side_px - boxes_xyxy[:, [2, 0]]
    return {**found, "boxes": boxes_xyxy}


def fuse(first: Found, second: Found) -> Found:
    """Merge boxes of the same label that overlap, each with at most one of the other list.

    Best first, a box takes the free one that it overlaps most. The merged box is their mean,
    weighted by score, and its score the mean of both; a box that only one list has keeps half its
    score.
    """
    overlaps = iou_xyxy(first["boxes"], second["boxes"])
    overlaps[first["labels"][:, None] != second["labels"][None, :]] = 0.0
    partner = np.full(len(first["scores"]), -1)
    for row in range(len(partner)):
        if overlaps.shape[1] and overlaps[row].max() >= SAME_BOX_IOU:
            partner[row] = overlaps[row].argmax()
            overlaps[:, partner[row]] = 0.0
    is_merged = partner >= 0
    alone = np.setdiff1d(np.arange(len(second["scores"])), partner)
    pair_scores = np.stack([first["scores"][is_merged], second["scores"][partner[is_merged]]])
    weights = np.maximum(pair_scores, LOWEST_WEIGHT)
    pairs = np.stack([first["boxes"][is_merged], second["boxes"][partner[is_merged]]])
    merged_xyxy = (weights[..., None] * pairs).sum(axis=0) / weights.sum(axis=0)[:, None]
    lone = [
        {key: found[key][rows] for key in found}
        for found, rows in ((first, ~is_merged), (second, alone))
    ]
    return _best_first(
        {
            "boxes": np.concatenate([merged_xyxy, *(part["boxes"] for part in lone)]),
            "scores": np.concatenate(
                [pair_scores.mean(axis=0), *(part["scores"] / 2 for part in lone)]
            ),
            "labels": np.concatenate([first["labels"][is_merged], *(p["labels"] for p in lone)]),
        }
    )


def to_arrays(output: dict[str, Tensor]) -> Found:
    """Turn a network's tensors into float64 boxes and scores, and integer labels."""
    arrays = {key: output[key].cpu().numpy() for key in ("boxes", "scores", "labels")}
    return {**arrays, **{key: arrays[key].astype(np.float64) for key in ("boxes", "scores")}}


def _best_first(found: Found) -> Found:
    order = np.argsort(-found["scores"], kind="stable")
    return {key: values[order] for key, values in found.items()}
