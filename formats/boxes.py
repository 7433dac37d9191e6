"""Conversions between the two box layouts, and overlap between boxes.

`xyxy` boxes are (x_min, y_min, x_max, y_max) and `xywh` boxes (x_min, y_min, width, height), both
float64 in pixels with the far edge outside: a single pixel at (3, 5) is (3, 5, 4, 6).
"""

import numpy as np


def xywh_to_xyxy(boxes_xywh: np.ndarray) -> np.ndarray:
    """Convert (N, 4) xywh boxes to (N, 4) xyxy boxes."""
    boxes = np.asarray(boxes_xywh, dtype=np.float64).reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def xyxy_to_xywh(boxes_xyxy: np.ndarray) -> np.ndarray:
    """Convert (N, 4) xyxy boxes to (N, 4) xywh boxes."""
    boxes = np.asarray(boxes_xyxy, dtype=np.float64).reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)


def clip_xyxy(boxes_xyxy: np.ndarray, height_px: int, width_px: int) -> np.ndarray:
    """Clip (N, 4) xyxy boxes to an image; a box wholly outside becomes empty."""
    boxes = np.array(boxes_xyxy, dtype=np.float64).reshape(-1, 4)
    boxes[:, 0::2] = boxes[:, 0::2].clip(0, width_px)
    boxes[:, 1::2] = boxes[:, 1::2].clip(0, height_px)
    return boxes


def area_xyxy(boxes_xyxy: np.ndarray) -> np.ndarray:
    """Return the (N,) areas in square pixels of (N, 4) xyxy boxes."""
    return (boxes_xyxy[:, 2] - boxes_xyxy[:, 0]) * (boxes_xyxy[:, 3] - boxes_xyxy[:, 1])


def iou_xyxy(first_xyxy: np.ndarray, second_xyxy: np.ndarray) -> np.ndarray:
    """Return the (N, M) intersection over union of (N, 4) and (M, 4) xyxy boxes."""
    top_left = np.maximum(first_xyxy[:, None, :2], second_xyxy[None, :, :2])
    bottom_right = np.minimum(first_xyxy[:, None, 2:], second_xyxy[None, :, 2:])
    intersection = (bottom_right - top_left).clip(min=0).prod(axis=2)
    union = area_xyxy(first_xyxy)[:, None] + area_xyxy(second_xyxy)[None, :] - intersection
    return np.divide(intersection, union, out=np.zeros_like(intersection), where=union > 0)
