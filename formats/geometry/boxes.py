"""Conversions between the two box layouts, overlap between boxes, and pairs of them.

`xyxy` boxes are (x_min, y_min, x_max, y_max) and `xywh` boxes (x_min, y_min, width, height), both
float64 in pixels with the far edge outside: a single pixel at (3, 5) is (3, 5, 4, 6).
"""

import numpy as np

UNPAIRED = -1


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
    intersection = intersection_xyxy(first_xyxy, second_xyxy)
    union = area_xyxy(first_xyxy)[:, None] + area_xyxy(second_xyxy)[None, :] - intersection
    return np.divide(intersection, union, out=np.zeros_like(intersection), where=union > 0)


def part_inside_xyxy(boxes_xyxy: np.ndarray, regions_xyxy: np.ndarray) -> np.ndarray:
    """Return the (N, M) parts of (N, 4) xyxy boxes that lie in each of (M, 4) regions."""
    intersection = intersection_xyxy(boxes_xyxy, regions_xyxy)
    area = area_xyxy(boxes_xyxy)[:, None]
    return np.divide(intersection, area, out=np.zeros_like(intersection), where=area > 0)


def intersection_xyxy(first_xyxy: np.ndarray, second_xyxy: np.ndarray) -> np.ndarray:
    """Return the (N, M) areas in square pixels that (N, 4) and (M, 4) xyxy boxes share."""
    top_left = np.maximum(first_xyxy[:, None, :2], second_xyxy[None, :, :2])
    bottom_right = np.minimum(first_xyxy[:, None, 2:], second_xyxy[None, :, 2:])
    return (bottom_right - top_left).clip(min=0).prod(axis=2)


def pair_greedily(overlaps: np.ndarray, lowest_overlap: float) -> np.ndarray:
    """Pair each row, first to last, with the free column that it overlaps most.

    Boxes of one list with boxes of another, both plain: truth with its ignored lesions and crowds
    is matched by `evaluation.boxes.matching`.

    Args:
        overlaps: (N, M), rows best first.
        lowest_overlap: what a pair has at least; above 0.

    Returns:
        (N,) the column of each row, or `UNPAIRED`.
    """
    left = overlaps.copy()
    column = np.full(len(left), UNPAIRED)
    for row in range(len(left)):
        if left[row].max(initial=0.0) >= lowest_overlap:
            column[row] = left[row].argmax()
            left[:, column[row]] = 0.0
    return column
