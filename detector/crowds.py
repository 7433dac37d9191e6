"""Crowd regions: parts of an image of which nobody says what is in them.

What lies mostly in one is neither a lesion nor background: a detector learns nothing from it.
"""

import torch
from torch import Tensor

CROWD_LABEL = 0
"""Of crowd regions among an image's boxes, until augmentation has moved them."""
# From here on a box lies mostly in a crowd region.
MOSTLY = 0.5


def lies_in_crowd(boxes_xyxy: Tensor, crowds_xyxy: Tensor) -> Tensor:
    """Return (N,) bool: the box, of (N, 4), lies mostly in one of (M, 4) crowd regions."""
    if not len(crowds_xyxy):
        return torch.zeros(len(boxes_xyxy), dtype=torch.bool, device=boxes_xyxy.device)
    top_left = torch.maximum(boxes_xyxy[:, None, :2], crowds_xyxy[None, :, :2])
    bottom_right = torch.minimum(boxes_xyxy[:, None, 2:], crowds_xyxy[None, :, 2:])
    shared = (bottom_right - top_left).clamp(min=0).prod(dim=2)
    area = (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]).prod(dim=1)
    return (shared >= MOSTLY * area[:, None]).any(dim=1)
