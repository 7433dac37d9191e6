"""Placing a film of any shape on a network's canvas, and boxes there and back.

Training and inference of all networks that see a whole film go through `film_to_canvas`.
"""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from formats.film_reading.reader import apply_window, intensity_window


class Geometry(StrEnum):
    """How a film of any shape fits the canvas."""

    stretch = "stretch"
    """Each axis by its own factor: the aspect ratio is lost, no pixel is wasted."""
    letterbox = "letterbox"
    """Both axes by one factor; what is left over on the right or below is black."""


@dataclass(frozen=True)
class Placement:
    """Which part of the canvas a film fills, from its corner (0, 0) on. Sizes are in pixels."""

    film_shape_hw: tuple[int, int]
    filled_shape_hw: tuple[int, int]

    def to_canvas(self, boxes_xyxy: np.ndarray) -> np.ndarray:
        """Move (N, 4) xyxy boxes from film to canvas pixels."""
        return boxes_xyxy * self._scale_xyxy

    def to_film(self, boxes_xyxy: np.ndarray) -> np.ndarray:
        """Move (N, 4) xyxy boxes from canvas to film pixels."""
        return boxes_xyxy / self._scale_xyxy

    @property
    def _scale_xyxy(self) -> np.ndarray:
        # Of what is drawn: rounding it to whole pixels moves a thin film's boxes far.
        scale_y, scale_x = np.divide(self.filled_shape_hw, self.film_shape_hw)
        return np.array([scale_x, scale_y, scale_x, scale_y])


def place(
    film_shape_hw: tuple[int, int], canvas_shape_hw: tuple[int, int], geometry: Geometry
) -> Placement:
    """Find where a film lies on a canvas; it fills at least one pixel each way."""
    if geometry == Geometry.stretch:
        return Placement(film_shape_hw, canvas_shape_hw)
    scale = min(
        canvas_px / film_px
        for canvas_px, film_px in zip(canvas_shape_hw, film_shape_hw, strict=True)
    )
    height_px, width_px = (
        min(canvas_px, max(1, round(film_px * scale)))
        for canvas_px, film_px in zip(canvas_shape_hw, film_shape_hw, strict=True)
    )
    return Placement(film_shape_hw, (height_px, width_px))


def film_on_canvas(
    film: np.ndarray, canvas_shape_hw: tuple[int, int], geometry: Geometry
) -> np.ndarray:
    """Return the canvas of `film_to_canvas` alone; `place` says where the film lies on it."""
    return film_to_canvas(film, canvas_shape_hw, geometry)[0]


def film_to_canvas(
    film: np.ndarray, canvas_shape_hw: tuple[int, int], geometry: Geometry
) -> tuple[np.ndarray, Placement]:
    """Resize a (H, W) grey film of any depth onto a uint8 canvas of (height, width) pixels.

    The film's own intensity window is applied, so 8- and 16-bit copies come out the same.
    """
    height_px, width_px = film.shape
    placement = place((height_px, width_px), canvas_shape_hw, geometry)
    filled_height_px, filled_width_px = placement.filled_shape_hw
    shrinks = filled_width_px < width_px
    resized = cv2.resize(
        film,
        (filled_width_px, filled_height_px),
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
    )
    canvas = np.zeros(canvas_shape_hw, dtype=np.uint8)
    canvas[:filled_height_px, :filled_width_px] = apply_window(resized, intensity_window(film))
    return canvas, placement
