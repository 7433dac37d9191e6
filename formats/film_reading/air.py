"""The air around the breast: where it is bright, the film is stored as a negative."""

import cv2
import numpy as np

from formats.film_reading.intensity_window import window_sample

THUMBNAIL_SIDE_PX = 128
LEVEL_PERCENTILES = (0.5, 99.5)
# Air lies within this share of the film's levels from their end, and varies less than half of it
# from one thumbnail pixel to the next.
LEVEL_TOLERANCE = 0.08
LARGEST_STEP = 0.04
# A scan frame is a strip: what holds no square of this share of the shorter side is no air.
LEAST_THICKNESS = 0.12
LEAST_AIR_SHARE = 0.05
# A negative may hold a little that is flat and dark, such as a wide dark frame.
LARGEST_DARK_TO_BRIGHT = 1 / 8


def has_bright_air(film: np.ndarray) -> bool:
    """Say whether the air around the breast on a (H, W) film is bright, as on a negative.

    Air is flat, at the end of the grey levels and thick; so a white frame around a film with dark
    air is none. A film that shows no air is taken to be right.
    """
    bright_share, dark_share = _air_shares(_thumbnail(film))
    return bright_share > LEAST_AIR_SHARE and dark_share < LARGEST_DARK_TO_BRIGHT * bright_share


def _thumbnail(film: np.ndarray) -> np.ndarray:
    """Return a (h, w) float32 thumbnail between 0 and 1."""
    sample = window_sample(film)
    shrink = min(1.0, THUMBNAIL_SIDE_PX / min(sample.shape))
    small = cv2.resize(sample, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    small = cv2.blur(small.astype(np.float32), (3, 3))
    low, high = np.percentile(small, LEVEL_PERCENTILES)
    return np.clip((small - low) / max(high - low, 1.0), 0.0, 1.0).astype(np.float32)


def _air_shares(thumbnail: np.ndarray) -> tuple[float, float]:
    """Return which shares of a film are bright air and dark air."""
    neighbours = np.ones((3, 3), np.uint8)
    step = cv2.dilate(thumbnail, neighbours) - cv2.erode(thumbnail, neighbours)
    is_flat = step < LARGEST_STEP
    bright = is_flat & (thumbnail > 1 - LEVEL_TOLERANCE)
    dark = is_flat & (thumbnail < LEVEL_TOLERANCE)
    return _thick_share(bright), _thick_share(dark)


def _thick_share(mask: np.ndarray) -> float:
    side_px = max(1, round(min(mask.shape) * LEAST_THICKNESS))
    square = np.ones((side_px, side_px), np.uint8)
    # Nothing is beyond the border, so that a strip along it counts as thin.
    core = cv2.erode(
        mask.astype(np.uint8), square, borderType=cv2.BORDER_CONSTANT, borderValue=[0.0]
    )
    return float(cv2.dilate(core, square).mean())
