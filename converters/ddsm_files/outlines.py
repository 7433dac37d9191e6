"""From the image of an outline to the lesion inside it."""

from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np

from converters.records import FindingKind
from formats.errors import InputError

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
# The inside of the most ragged outline still takes this much of its convex hull.
MIN_INSIDE_SHARE = 0.2
POLYGON_TOLERANCE_PX = 1.0
# A mask of another size is scaled to the film if its width to height is the film's to this share.
ASPECT_TOLERANCE = 0.02


@dataclass(frozen=True, kw_only=True)
class Region:
    """A filled lesion, in pixels of the film."""

    bbox_xywh: tuple[int, int, int, int]
    """The outline's last pixel is inside: width = max - min + 1."""
    area_px: int
    polygon_xy: np.ndarray = field(compare=False)
    """(N, 2) int32, the border's corners, at most a pixel off."""
    oddities: dict[FindingKind, str]
    """What was odd about the mask, and what was done about it."""


class _Piece(NamedTuple):
    """What touches, cut off from everything else."""

    border: np.ndarray
    """(N, 1, 2) int32, the outermost pixels (x, y)."""
    hole_area_px: float
    """Of its largest hole."""


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
    high = row_max.max()
    # Copied: every look at what is not contiguous costs as much as the copy.
    sample = mask[::SAMPLE_STEP, ::SAMPLE_STEP].copy()
    if _is_bright_background(mask, sample, int(high)):
        mask, sample = high - mask, high - sample
        row_max = mask.max(axis=1)
        oddities[FindingKind.MASK_INVERTED] = "dark on bright; turned over"
    bright, corner_xy = _above_half_range(mask, row_max, int(sample.min()))
    pieces = [] if bright is None else _find_pieces(bright)
    if bright is None or not pieces:
        return None
    border_xy, shape_oddities = _lesion_border(bright, pieces)
    scale_xy = np.divide(film_shape_hw[::-1], mask.shape[::-1])
    border_xy = (border_xy + corner_xy + 0.5) * scale_xy - 0.5
    return _fill(border_xy, oddities | shape_oddities)


def _is_bright_background(mask: np.ndarray, sample: np.ndarray, high: int) -> bool:
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


def _above_half_range(
    mask: np.ndarray, row_max: np.ndarray, low: int
) -> tuple[np.ndarray | None, np.ndarray]:
    """Return what is brighter than half range, cut to its extent, and the cut's corner (x, y)."""
    # The extent first: all later steps then touch a few per cent of the mask.
    high = int(row_max.max())
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


def _find_pieces(bright: np.ndarray) -> list[_Piece]:
    """Find what lies in no other piece; specks are no pieces."""
    joined = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, JOINING_KERNEL)
    borders, hierarchy = cv2.findContours(joined, cv2.RETR_TREE, cv2.CHAIN_APPROX_NONE)
    # Of each border: the one that it lies in, a piece's for a hole and -1 for no other.
    around = hierarchy[0, :, 3]
    hole_areas_px = np.zeros(len(borders))
    for border, outer in zip(borders, around, strict=True):
        if outer >= 0:
            hole_areas_px[outer] = max(hole_areas_px[outer], cv2.contourArea(border))
    return [
        _Piece(border, hole_area_px)
        for border, outer, hole_area_px in zip(borders, around, hole_areas_px, strict=True)
        if outer < 0 and max(cv2.boundingRect(border)[2:]) >= MIN_SIDE_PX
    ]


def _lesion_border(
    bright: np.ndarray, pieces: list[_Piece]
) -> tuple[np.ndarray, dict[FindingKind, str]]:
    """Return the (N, 2) border pixels of the largest piece, and what was odd."""
    largest = max(pieces, key=lambda piece: cv2.contourArea(piece.border))
    oddities = {}
    if _is_filled(bright, largest.border):
        oddities[FindingKind.MASK_ALREADY_FILLED] = "a filled region; its border is the lesion's"
    elif not _is_closed(largest):
        # An outline with a gap has no inside; all its pieces together show where it runs.
        hull = cv2.convexHull(np.concatenate([piece.border for piece in pieces]))
        return hull[:, 0, :], {FindingKind.MASK_OUTLINE_OPEN: "has a gap; took its convex hull"}
    if len(pieces) > 1:
        detail = f"{len(pieces)} pieces; took the largest"
        oddities[FindingKind.MASK_IN_PIECES] = detail
    return largest.border[:, 0, :], oddities


def _is_filled(bright: np.ndarray, border: np.ndarray) -> bool:
    # The area inside is quicker than drawing, which only what may be filled then needs.
    if cv2.countNonZero(bright) <= MAX_LINE_SHARE * cv2.contourArea(border):
        return False
    inside = cv2.drawContours(np.zeros_like(bright), [border], -1, 1, cv2.FILLED)
    bright = bright & inside
    is_mostly_bright = cv2.countNonZero(bright) > MAX_LINE_SHARE * cv2.countNonZero(inside)
    return is_mostly_bright and bool(cv2.erode(bright, FILLED_KERNEL).any())


def _is_closed(piece: _Piece) -> bool:
    # Not just any hole: an open outline may have a small loop where it crosses itself.
    hull = cv2.convexHull(piece.border)
    return piece.hole_area_px > MIN_INSIDE_SHARE * cv2.contourArea(hull)


def _fill(border_xy: np.ndarray, oddities: dict[FindingKind, str]) -> Region:
    points = np.round(border_xy).astype(np.int32)
    x, y, width, height = cv2.boundingRect(points)
    filled = np.zeros((height, width), np.uint8)
    cv2.fillPoly(filled, [points - (x, y)], 1)
    polygon = cv2.approxPolyDP(points, POLYGON_TOLERANCE_PX, True)[:, 0, :]
    area_px = cv2.countNonZero(filled)
    return Region(
        bbox_xywh=(x, y, width, height), area_px=area_px, polygon_xy=polygon, oddities=oddities
    )
