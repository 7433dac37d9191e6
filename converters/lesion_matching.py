"""Which abnormality of an `.OVERLAY` is which mask's lesion: told by their place."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from converters.ddsm_files.ics import ScanSize
from converters.ddsm_files.overlay import Abnormality
from formats.geometry.boxes import iou_xyxy, xywh_to_xyxy

MIN_IOU = 0.3
# Films are shipped at about half the scan's size where no header says how much exactly.
USUAL_REDUCTION = 2.0


def match_abnormalities(
    boxes_xywh: Sequence[tuple[int, int, int, int]],
    abnormalities: Sequence[Abnormality],
    film_shape_hw: tuple[int, int],
    scan: ScanSize | None,
) -> list[Abnormality | None]:
    """Pair lesions with abnormalities one to one, so that their overlap is largest in all.

    Args:
        boxes_xywh: The lesions' boxes in pixels of the film.
        abnormalities: In pixels of the scan.
        film_shape_hw: The film's height and width in pixels.
        scan: The scan's size, if known; else the film is taken for half of it.

    Returns:
        For each lesion its abnormality, or None where none overlaps by `MIN_IOU`.
    """
    if not boxes_xywh or not abnormalities:
        return [None] * len(boxes_xywh)
    places = abnormality_boxes_xyxy(abnormalities, film_shape_hw, scan)
    overlap = iou_xyxy(xywh_to_xyxy(np.array(boxes_xywh)), places)
    matched: list[Abnormality | None] = [None] * len(boxes_xywh)
    for lesion, abnormality in zip(*linear_sum_assignment(-overlap), strict=True):
        if overlap[lesion, abnormality] >= MIN_IOU:
            matched[lesion] = abnormalities[abnormality]
    return matched


def abnormality_boxes_xyxy(
    abnormalities: Sequence[Abnormality], film_shape_hw: tuple[int, int], scan: ScanSize | None
) -> np.ndarray:
    """Return the (N, 4) boxes in pixels of the film."""
    height_px, width_px = film_shape_hw
    scale_xy = (1 / USUAL_REDUCTION, 1 / USUAL_REDUCTION)
    if scan is not None:
        scale_xy = (width_px / scan.pixels_per_line, height_px / scan.lines)
    return np.array([a.bbox_xyxy for a in abnormalities], np.float64) * (scale_xy * 2)
