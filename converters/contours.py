"""From the image of an outline to the lesion inside it."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from converters.errors import InputError
from converters.records import FindingKind

# JPEG noise in a mask without an outline stays below this many grey levels.
MIN_CONTRAST_LEVELS = 64
# The background is judged on every so many rows and columns.
SAMPLE_STEP = 8
# Anything smaller both ways is a speck, not an outline.
MIN_SIDE_PX = 4
# Joins what touches, also across a corner or a gap of a pixel.
JOINING_KERNEL = np.ones((3, 3), np.uint8)
# No outline is this wide: what survives being thinned by it is filled.
FILLED_KERNEL = np.ones((5, 5), np.uint8)
MAX_LINE_SHARE = 0.5
POLYGON_TOLERANCE_PX = 1.0
# A mask of another size is scaled to the film if its width to height is the film's to this share.
ASPECT_TOLERANCE = 0.02


@dataclass(frozen=True)
class Region:
    """A filled lesion, in pixels of the film."""

    bbox_xywh: tuple[int, int, int, int]
    """The outline's last pixel is inside: width = max - min + 1."""
    area_px: int
    polygon_xy: np.ndarray = field(compare=False)
    """(N, 2) int32, the border's corners, at most a pixel off."""
    oddities: dict[FindingKind, str]
    """What was odd about the mask, and what was done about it."""


def lesion_region(mask: np.ndarray, film_shape_hw: tuple[int, int]) -> Region | None:
    """Find the one lesion that a mask outlines.

    Args:
        mask: (H, W) integers, an outline (or a filled region) that differs from its background.
        film_shape_hw: The film's height and width in pixels. A mask of another size but the same
            aspect ratio is scaled to it.

    Returns:
        The lesion, or None where the mask is empty.

    Raises:
        InputError: the mask's aspect ratio is not the film's.
    """
    _check_aspect(mask.shape, film_shape_hw)
    oddities = {}
    row_max = mask.max(axis=1)
    if _is_bright_background(mask, int(row_max.max())):
        mask = row_max.max() - mask
        row_max = mask.max(axis=1)
        oddities[FindingKind.MASK_INVERTED] = "dark on bright; turned over"
    bright, corner_xy = _bright_window(mask, row_max)
    borders = [] if bright is None else _borders_of_pieces(bright)
    if bright is None or not borders:
        return None
    border_xy, shape_oddities = _lesion_border(bright, borders)
    scale_xy = np.divide(film_shape_hw[::-1], mask.shape[::-1])
    border_xy = (border_xy + corner_xy + 0.5) * scale_xy - 0.5
    return _fill(border_xy, oddities | shape_oddities)


def _is_bright_background(mask: np.ndarray, high: int) -> bool:
    sample = mask[::SAMPLE_STEP, ::SAMPLE_STEP]

    def is_mostly_above(level: float) -> bool:
        return bool(2 * np.count_nonzero(sample > level) > sample.size)

    # The lowest level of all takes time to find, so only where the background may be bright.
    return is_mostly_above(high / 2) and is_mostly_above((int(mask.min()) + high) / 2)


def _check_aspect(mask_shape_hw: tuple[int, ...], film_shape_hw: tuple[int, int]) -> None:
    ratio = (mask_shape_hw[1] / mask_shape_hw[0]) / (film_shape_hw[1] / film_shape_hw[0])
    if abs(ratio - 1) > ASPECT_TOLERANCE:
        sizes = [f"{width}x{height}" for height, width in (mask_shape_hw, film_shape_hw)]
        raise InputError(
            f"mask of {sizes[0]} pixels does not fit its film of {sizes[1]}; "
            "find the mask of this film"
        )


def _bright_window(mask: np.ndarray, row_max: np.ndarray) -> tuple[np.ndarray | None, np.ndarray]:
    """Return what is brighter than half range, cut to its extent, and the cut's corner (x, y)."""
    # The extent first: all later steps then touch a few per cent of the mask.
    low, high = int(mask[::SAMPLE_STEP, ::SAMPLE_STEP].min()), int(row_max.max())
    if high - low < MIN_CONTRAST_LEVELS and not _is_two_valued(mask, low, high):
        return None, np.zeros(2)
    threshold = (low + high) / 2
    rows = np.flatnonzero(row_max > threshold)
    strip = mask[rows[0] : rows[-1] + 1]
    columns = np.flatnonzero(strip.max(axis=0) > threshold)
    window = strip[:, columns[0] : columns[-1] + 1]
    return (window > threshold).astype(np.uint8), np.array([columns[0], rows[0]])


def _is_two_valued(mask: np.ndarray, low: int, high: int) -> bool:
    """Tell a mask of zeros and ones from faint noise."""
    return high > low and bool(((mask == low) | (mask == high)).all())


def _borders_of_pieces(bright: np.ndarray) -> list[np.ndarray]:
    """Return each piece's outer border, (N, 1, 2); specks are no pieces."""
    joined = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, JOINING_KERNEL)
    borders, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return [b for b in borders if max(cv2.boundingRect(b)[2:]) >= MIN_SIDE_PX]


def _lesion_border(
    bright: np.ndarray, borders: list[np.ndarray]
) -> tuple[np.ndarray, dict[FindingKind, str]]:
    """Return the (N, 2) border pixels of the largest piece, and what was odd."""
    largest = max(borders, key=cv2.contourArea)
    filled = np.zeros_like(bright)
    cv2.drawContours(filled, [largest], -1, 1, cv2.FILLED)
    oddities = {}
    if _is_filled(bright & filled, filled):
        oddities[FindingKind.MASK_ALREADY_FILLED] = "a filled region; its border is the lesion's"
    elif not _is_closed(bright & filled):
        # An outline with a gap has no inside; all its pieces together show where it runs.
        hull = cv2.convexHull(np.concatenate(borders))
        return hull[:, 0, :], {FindingKind.MASK_OUTLINE_OPEN: "has a gap; took its convex hull"}
    if len(borders) > 1:
        detail = f"{len(borders)} pieces; took the largest"
        oddities[FindingKind.MASK_IN_PIECES] = detail
    return largest[:, 0, :], oddities


def _is_filled(bright: np.ndarray, filled: np.ndarray) -> bool:
    is_mostly_bright = cv2.countNonZero(bright) > MAX_LINE_SHARE * cv2.countNonZero(filled)
    return is_mostly_bright and bool(cv2.erode(bright, FILLED_KERNEL).any())


def _is_closed(line: np.ndarray) -> bool:
    """Say whether a line goes round a hole."""
    line = cv2.morphologyEx(line, cv2.MORPH_CLOSE, JOINING_KERNEL)
    _, hierarchy = cv2.findContours(line, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    parents = hierarchy[0, :, 3]
    return bool((parents >= 0).any())


def _fill(border_xy: np.ndarray, oddities: dict[FindingKind, str]) -> Region:
    points = np.round(border_xy).astype(np.int32)
    x, y, width, height = cv2.boundingRect(points)
    filled = np.zeros((height, width), np.uint8)
    cv2.fillPoly(filled, [points - (x, y)], 1)
    polygon = cv2.approxPolyDP(points, POLYGON_TOLERANCE_PX, True)[:, 0, :]
    area_px = cv2.countNonZero(filled)
    return Region((x, y, width, height), area_px, polygon, oddities)
