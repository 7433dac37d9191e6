"""Outlines and masks of other people's COCO files, as polygons."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from formats.coco_reading.values import as_number
from formats.coco_records import CocoImage
from formats.faults import Faults

ADVICE = "correct the segmentation, or empty it and give a bbox"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """An outlined lesion, in pixels of its image."""

    bbox_xywh: tuple[float, float, float, float]
    area_px: float
    polygons: list[list[float]]
    """Each x, y, x, y, ..."""


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
    return _shape_of_polygons(polygons) if polygons else None


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
        flat = [v for point in ring for v in (point if isinstance(point, list) else [point])]
        numbers = [as_number(value) for value in flat]
        if None in numbers or len(numbers) % 2:
            return None
        # Fewer than three points enclose nothing.
        if len(numbers) >= 6:
            polygons.append([float(value) for value in numbers if value is not None])
    return polygons


def _shape_of_polygons(polygons: list[list[float]]) -> Shape:
    points = np.concatenate([np.reshape(polygon, (-1, 2)) for polygon in polygons])
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    areas = [cv2.contourArea(np.reshape(p, (-1, 1, 2)).astype(np.float32)) for p in polygons]
    box = (float(left), float(top), float(right - left), float(bottom - top))
    return Shape(bbox_xywh=box, area_px=float(sum(areas)), polygons=polygons)


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
    if not mask.any():
        return None
    borders, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    x, y, width, height = cv2.boundingRect(mask)
    polygons = [border.ravel().astype(float).tolist() for border in borders if len(border) >= 3]
    return Shape(
        bbox_xywh=(x, y, width, height), area_px=float(cv2.countNonZero(mask)), polygons=polygons
    )


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
