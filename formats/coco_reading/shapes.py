"""Outlines and masks of other people's COCO files, as polygons."""

from typing import Any

import cv2
import numpy as np

from formats.coco_reading.values import as_number
from formats.coco_records import CocoImage
from formats.faults import Faults

ADVICE = "correct the segmentation, or empty it and give a bbox"


class Shape:
    """An outlined lesion, in pixels of its image."""

    def __init__(self, polygons: list[list[float]]) -> None:
        """Take polygons, each x, y, x, y, ..."""
        self.polygons = polygons

    @property
    def bbox_xywh(self) -> tuple[float, float, float, float]:
        """The box around all polygons."""
        x = [value for polygon in self.polygons for value in polygon[0::2]]
        y = [value for polygon in self.polygons for value in polygon[1::2]]
        return min(x), min(y), max(x) - min(x), max(y) - min(y)

    @property
    def area_px(self) -> float:
        """The polygons' area."""
        points = (np.reshape(polygon, (-1, 1, 2)) for polygon in self.polygons)
        return float(sum(cv2.contourArea(of.astype(np.float32)) for of in points))


class MaskShape(Shape):
    """A lesion that was painted: its pixels count, not the line around them."""

    def __init__(self, mask: np.ndarray) -> None:
        """Take a (H, W) uint8 mask that is not empty."""
        borders, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        super().__init__([b.ravel().astype(float).tolist() for b in borders if len(b) >= 3])
        self._mask_bbox_xywh = tuple(map(float, cv2.boundingRect(mask)))
        self._mask_area_px = float(cv2.countNonZero(mask))

    @property
    def bbox_xywh(self) -> tuple[float, float, float, float]:
        """The box around all pixels."""
        x, y, width, height = self._mask_bbox_xywh
        return x, y, width, height

    @property
    def area_px(self) -> float:
        """How many pixels there are."""
        return self._mask_area_px


def read_segmentation(
    raw: dict[str, Any], where: str, image: CocoImage, faults: Faults
) -> Shape | None:
    """Read an annotation's polygons or its run-length mask; None where there is neither.

    Args:
        raw: the annotation.
        where: what messages call it.
        image: the one that it lies on.
        faults: takes what is wrong.
    """
    segmentation = raw.get("segmentation")
    if not segmentation:
        return None
    if isinstance(segmentation, dict):
        return _read_mask(segmentation, where, image, faults)
    polygons = _read_polygons(segmentation)
    if polygons is None:
        faults.add(
            f"{where} has segmentation {str(segmentation)[:40]}, no list of polygons", ADVICE
        )
        return None
    return Shape(polygons) if polygons else None


def _read_polygons(segmentation: Any) -> list[list[float]] | None:
    if not isinstance(segmentation, list):
        return None
    # VIA writes one polygon without a list around it.
    rings = segmentation if isinstance(segmentation[0], list) else [segmentation]
    polygons = []
    for ring in rings:
        if not isinstance(ring, list):
            return None
        # Some write pairs: [[x, y], [x, y], ...].
        if ring and isinstance(ring[0], list):
            ring = [value for point in ring for value in point]
        numbers = [value for value in map(as_number, ring) if value is not None]
        if len(numbers) < len(ring) or len(ring) % 2:
            return None
        # Fewer than three points enclose nothing.
        if len(numbers) >= 6:
            polygons.append(numbers)
    return polygons


def _read_mask(
    segmentation: dict[str, Any], where: str, image: CocoImage, faults: Faults
) -> Shape | None:
    height_px, width_px = image["height"], image["width"]
    if list(map(as_number, segmentation.get("size") or ())) != [height_px, width_px]:
        faults.add(
            f"{where} has a mask of size {segmentation.get('size')} (height, width), its image is "
            f"{height_px}x{width_px}",
            ADVICE,
        )
        return None
    mask = _decode(segmentation.get("counts"), height_px, width_px)
    if mask is None:
        faults.add(f"{where} has a mask that cannot be decoded", ADVICE)
        return None
    return MaskShape(mask) if mask.any() else None


def _decode(counts: Any, height_px: int, width_px: int) -> np.ndarray | None:
    """Return a (H, W) uint8 mask of runs, which go down the columns; None if they do not fit."""
    if isinstance(counts, str):
        runs = _uncompressed(counts)
    elif isinstance(counts, list):
        runs = [int(value) for value in map(as_number, counts) if value is not None]
        runs = runs if len(runs) == len(counts) else None
    else:
        return None
    if runs is None or min(runs, default=0) < 0 or sum(runs) != height_px * width_px:
        return None
    # The first run is of zeros.
    levels = (np.arange(len(runs)) % 2).astype(np.uint8)
    columns = np.repeat(levels, runs).reshape(width_px, height_px)
    return np.ascontiguousarray(columns.T)


def _uncompressed(text: str) -> list[int] | None:
    """Return the runs of COCO's compressed text: six bits a character, from 0 at ASCII 48.

    Five bits of each hold the number, the sixth says that it goes on. From the third run on, the
    difference from the run before the last is stored.
    """
    runs: list[int] = []
    value = shift = 0
    for character in text:
        bits = ord(character) - 48
        if not 0 <= bits < 64 or shift > 40:
            return None
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:
            continue
        if bits & 0x10:
            value -= 1 << shift
        runs.append(value + runs[-2] if len(runs) > 2 else value)
        value = shift = 0
    return runs if shift == 0 else None
