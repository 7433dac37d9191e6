"""Cutting a lesion out of a film: the same code in training and inference."""

from collections.abc import Sequence

import cv2
import numpy as np

from classifier.crops.config import CropShape
from formats.film_reading.reader import IntensityWindow, apply_window, intensity_window


def cut_crops(
    film: np.ndarray,
    boxes_xyxy: Sequence[Sequence[float]],
    side_px: int,
    margin: float,
    shape: CropShape,
) -> np.ndarray:
    """Cut the surroundings of N boxes out of a (H, W) film, as (N, side, side) uint8 crops."""
    intensities = intensity_window(film)
    windows = [crop_window(np.array(box), film, margin, shape) for box in boxes_xyxy]
    return np.stack([cut_crop(film, window, side_px, intensities) for window in windows])


def crop_window(
    box_xyxy: np.ndarray, film: np.ndarray, margin: float, shape: CropShape
) -> np.ndarray:
    """Return the (4,) xyxy window around a (4,) box on a (H, W) film, in film pixels.

    It may reach outside the film. Its side is `margin` times the longer side of the box, measured
    in film pixels or on the film stretched to a square.
    """
    height_px, width_px = film.shape
    unit_px = np.array([1.0, 1.0])
    if shape == CropShape.stretched:
        unit_px = np.array([width_px, height_px], dtype=np.float64)
    centre = (box_xyxy[:2] + box_xyxy[2:]) / 2
    half_side = margin * ((box_xyxy[2:] - box_xyxy[:2]) / unit_px).max() / 2 * unit_px
    return np.concatenate([centre - half_side, centre + half_side])


def cut_crop(
    film: np.ndarray, window_xyxy: np.ndarray, side_px: int, intensities: IntensityWindow
) -> np.ndarray:
    """Cut a window out of a (H, W) film as a (side, side) uint8 crop, black outside the film."""
    height_px, width_px = film.shape
    x1, y1 = np.floor(window_xyxy[:2]).astype(int)
    x2, y2 = np.maximum(np.ceil(window_xyxy[2:]).astype(int), [x1 + 1, y1 + 1])
    inside = film[max(y1, 0) : max(y2, 0), max(x1, 0) : max(x2, 0)]
    padded = cv2.copyMakeBorder(
        inside,
        top=min(max(-y1, 0), y2 - y1),
        bottom=min(max(y2 - height_px, 0), y2 - y1),
        left=min(max(-x1, 0), x2 - x1),
        right=min(max(x2 - width_px, 0), x2 - x1),
        borderType=cv2.BORDER_CONSTANT,
        value=[intensities.low],
    )
    shrinks = padded.shape[0] > side_px
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return apply_window(
        cv2.resize(padded, (side_px, side_px), interpolation=interpolation), intensities
    )
