"""Placing a whole film on the network's input: the same code in training and inference."""

import cv2
import numpy as np

from formats.coco import CocoDataset
from formats.films import apply_window, intensity_window


def film_to_canvas(film: np.ndarray, height_px: int, width_px: int) -> np.ndarray:
    """Fit a (H, W) grey film of any depth into a (height, width) uint8 canvas.

    Both axes take one factor; what is left over on the right or below is black. The film's own
    intensity window is applied, so 8- and 16-bit copies come out the same.
    """
    scale = min(height_px / film.shape[0], width_px / film.shape[1])
    # Never 0, also for a film that is a thin line.
    fitted_height_px = min(height_px, max(1, round(film.shape[0] * scale)))
    fitted_width_px = min(width_px, max(1, round(film.shape[1] * scale)))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    fitted = cv2.resize(film, (fitted_width_px, fitted_height_px), interpolation=interpolation)
    canvas = np.zeros((height_px, width_px), dtype=np.uint8)
    canvas[:fitted_height_px, :fitted_width_px] = apply_window(fitted, intensity_window(film))
    return canvas


def mean_size_px(coco: CocoDataset) -> tuple[int, int]:
    """Return the mean (height, width) in pixels of a data set's films."""
    sizes = np.array([(image["height"], image["width"]) for image in coco.images])
    height_px, width_px = sizes.mean(axis=0).round().astype(int).tolist()
    return height_px, width_px
