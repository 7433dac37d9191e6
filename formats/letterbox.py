"""The way from a film to the network's square and back."""

from dataclasses import dataclass

import cv2
import numpy as np

from detector.config import Geometry
from formats.films import apply_window, intensity_window


@dataclass(frozen=True)
class Placement:
    """Where a film lies in the square: square pixels = film pixels times scale, from (0, 0)."""

    scale_x: float
    scale_y: float

    def to_square(self, boxes_xyxy: np.ndarray) -> np.ndarray:
        """Move (N, 4) xyxy boxes from film to square pixels."""
        return boxes_xyxy * self._scale_xyxy

    def to_film(self, boxes_xyxy: np.ndarray) -> np.ndarray:
        """Move (N, 4) xyxy boxes from square to film pixels."""
        return boxes_xyxy / self._scale_xyxy

    @property
    def _scale_xyxy(self) -> np.ndarray:
        return np.array([self.scale_x, self.scale_y, self.scale_x, self.scale_y])


def place(height_px: int, width_px: int, side_px: int, geometry: Geometry) -> Placement:
    """Find a film's placement in a square of `side_px`."""
    if geometry == Geometry.stretch:
        return Placement(side_px / width_px, side_px / height_px)
    scale = side_px / max(height_px, width_px)
    return Placement(scale, scale)


def film_to_square(
    image: np.ndarray, side_px: int, geometry: Geometry
) -> tuple[np.ndarray, Placement]:
    """Resize a (H, W) grey film of any depth to a (side, side) uint8 square.

    The film's own intensity window is applied, so 8- and 16-bit copies come out the same.
    """
    height_px, width_px = image.shape
    placement = place(height_px, width_px, side_px, geometry)
    resized_width_px = min(side_px, round(width_px * placement.scale_x))
    resized_height_px = min(side_px, round(height_px * placement.scale_y))
    shrinks = resized_width_px < width_px
    resized = cv2.resize(
        image,
        (resized_width_px, resized_height_px),
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
    )
    square = np.zeros((side_px, side_px), dtype=np.uint8)
    square[:resized_height_px, :resized_width_px] = apply_window(resized, intensity_window(image))
    return square, placement
