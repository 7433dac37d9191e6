"""Reading a mask's file so that the drawing stands out, whichever channel it is in."""

from pathlib import Path

import numpy as np
from PIL import Image

from converters.ddsm_files.outlines import MIN_CONTRAST_LEVELS
from formats.errors import InputError
from formats.film_reading.pictures import read_picture

OPAQUE_ALPHA = 128
# A drawing has two levels and what smoothing or JPEG adds; a breast spreads over most levels.
GREY_BINS = 64
MIN_PHOTOGRAPH_BINS = 16
MIN_BIN_SHARE = 0.0025
MIN_BIN_PX = 64
# Enough to see how the levels are spread.
SAMPLE_SIDE_PX = 256


def read_mask(path: Path) -> np.ndarray:
    """Read a mask as (H, W) integers, from its alpha channel where that holds the drawing.

    Raises:
        InputError: as `read_picture`, or the file is a photograph.
    """
    mask = read_picture(path)
    alpha = _read_alpha(path)
    if alpha is not None and _holds_the_drawing(alpha, mask):
        mask = alpha
    if _is_photograph(mask):
        raise InputError(
            f"{path}: a photograph, not a mask; give the outline alone, on an even background"
        )
    return mask


def _read_alpha(path: Path) -> np.ndarray | None:
    """Return the (H, W) uint8 opacity, None where everything is opaque."""
    try:
        with Image.open(path) as image:
            if not image.has_transparency_data:
                return None
            return np.asarray(image.convert("RGBA").getchannel("A"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: its transparency cannot be read ({error}); save it without"
        ) from error


def _holds_the_drawing(alpha: np.ndarray, grey: np.ndarray) -> bool:
    """Tell a line on nothing, or a gap in one colour, from a picture with a see-through margin."""
    if np.ptp(alpha) < MIN_CONTRAST_LEVELS:
        return False
    is_opaque = alpha >= OPAQUE_ALPHA
    if 2 * np.count_nonzero(is_opaque) < alpha.size:
        return True
    return bool(np.ptp(grey[is_opaque]) < MIN_CONTRAST_LEVELS)


def _is_photograph(mask: np.ndarray) -> bool:
    step = max(1, min(mask.shape) // SAMPLE_SIDE_PX)
    sample = mask[::step, ::step]
    levels_px, _ = np.histogram(sample, GREY_BINS)
    frequent_px = max(MIN_BIN_SHARE * sample.size, MIN_BIN_PX)
    is_contrasty = int(sample.max()) - int(sample.min()) >= MIN_CONTRAST_LEVELS
    frequent_bins = np.count_nonzero(levels_px >= frequent_px)
    return is_contrasty and bool(frequent_bins >= MIN_PHOTOGRAPH_BINS)
