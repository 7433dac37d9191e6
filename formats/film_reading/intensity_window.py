"""The grey levels of a film that become black and white."""

from typing import NamedTuple

import cv2
import numpy as np

# An image this many times smaller has the same percentiles for the purpose of a window.
WINDOW_SAMPLE_SIDE_PX = 512
WINDOW_PERCENTILE = 99.9
# Less of the film than this does not move the percentile.
LEAST_BURNT_IN_SHARE = 0.0005
# A label's or padding's own levels spread this little (JPEG blurs them), as a share of all levels.
BURNT_IN_SPREAD = 1 / 64
# The level under which nearly all of the film lies; the soft edges of labels lie above it.
BODY_PERCENTILE = 99.5
BODY_MARGIN = 1.25
# So many times the film's own levels away, a narrow peak is no tissue: 1,279 scanned films of
# DDSM have at most 2.3. Soft edges of the label may lie between.
FAR_RATIO = 3.0
LARGEST_SHARE_BETWEEN = 0.5
# Closer than that it is a label only if no pixel at all lies between, and if it is small: bright
# air, which is not small, is nobody's label.
NEAR_RATIO = 1.3
LARGEST_NEAR_SHARE = 0.15
# 8-bit films were windowed when they were saved: their labels are white.
WHITE_OF_8_BITS = 250
MOST_BURNT_IN_PEAKS = 3


class IntensityWindow(NamedTuple):
    """The grey levels that become black and white."""

    low: float
    high: float


def intensity_window(image: np.ndarray) -> IntensityWindow:
    """Find the window that makes (H, W) films of any bit depth look alike.

    Black is the darkest level and white the 99.9th percentile of what is not burnt in, so that a
    12-bit film stored in 16 bits, its 8-bit copy, and a film with a few burnt-out pixels or with
    a label or padding far above its tissue all come out the same.

    Args:
        image: uint8 or uint16.
    """
    counts = _level_counts(image)
    limit = _burnt_in_limit(counts, image.dtype)
    if limit is not None:
        counts = counts[: limit + 1]
    low = float(np.flatnonzero(counts)[0])
    return IntensityWindow(low, max(_percentile(counts, WINDOW_PERCENTILE), low + 1.0))


def apply_window(image: np.ndarray, window: IntensityWindow) -> np.ndarray:
    """Map the window to 0..255 and return uint8, clipping what lies outside."""
    scale = 255.0 / (window.high - window.low)
    return cv2.convertScaleAbs(
        np.maximum(image, window.low).astype(np.float32), alpha=scale, beta=-window.low * scale
    )


def burnt_in_limit(image: np.ndarray) -> int | None:
    """Return the level above which a (H, W) film holds labels or padding only; None if it has none.

    Labels and padding are narrow peaks of the histogram, far above the tissue with next to nothing
    between.

    Args:
        image: uint8 or uint16.
    """
    return _burnt_in_limit(_level_counts(image), image.dtype)


def _burnt_in_limit(counts: np.ndarray, dtype: np.dtype) -> int | None:
    """Return the limit by the (L,) pixels at each grey level and the film's type."""
    if dtype == np.uint8 and len(counts) <= WHITE_OF_8_BITS:
        return None
    low = int(np.flatnonzero(counts)[0])
    remaining = counts
    for _ in range(MOST_BURNT_IN_PEAKS):
        top = len(remaining) - 1
        peak_start = int(np.ceil(top - (top - low) * BURNT_IN_SPREAD))
        has_peak = remaining[peak_start:].sum() >= LEAST_BURNT_IN_SHARE * counts.sum()
        if not has_peak or peak_start <= low:
            return None
        limit = _limit_below(counts, peak_start, low)
        if limit is not None:
            return limit
        remaining = np.trim_zeros(remaining[:peak_start], "b")
    return None


def _limit_below(counts: np.ndarray, peak_start: int, low: int) -> int | None:
    """Return the highest level of the film itself if all from `peak_start` on is burnt in.

    Args:
        counts: (L,) pixels at each grey level.
        peak_start: the level where a narrow peak begins.
        low: the darkest level.
    """
    cumulative = np.cumsum(counts[:peak_start])
    highest = int(np.flatnonzero(counts[:peak_start])[-1])
    body = int(np.searchsorted(cumulative, cumulative[-1] * BODY_PERCENTILE / 100))
    limit = min(int(low + (body - low) * BODY_MARGIN), highest)
    burnt_in_count = counts[peak_start:].sum()
    between_count = cumulative[-1] - cumulative[limit]
    is_far = peak_start - low >= FAR_RATIO * (body - low)
    if is_far and between_count <= LARGEST_SHARE_BETWEEN * burnt_in_count:
        return limit
    is_apart = peak_start - low >= NEAR_RATIO * (highest - low)
    return highest if is_apart and burnt_in_count <= LARGEST_NEAR_SHARE * counts.sum() else None


def _level_counts(image: np.ndarray) -> np.ndarray:
    """Return the (L,) pixels of a sample at each grey level, up to the brightest."""
    return np.bincount(window_sample(image).ravel())


def _percentile(counts: np.ndarray, percent: float) -> float:
    """Return what `np.percentile` does of the levels themselves, which would have to be sorted."""
    position = (int(counts.sum()) - 1) * (percent / 100)
    rank = int(position)
    cumulative = np.cumsum(counts)
    below, above = np.searchsorted(cumulative, [rank, min(rank + 1, cumulative[-1] - 1)], "right")
    share = position - rank
    if share < 0.5:
        return float(below + (above - below) * share)
    return float(above - (above - below) * (1 - share))


def window_sample(image: np.ndarray) -> np.ndarray:
    """Return every n-th pixel of every n-th row, so few that levels are found quickly.

    The sample of a sample is the sample: what takes an image takes its sample instead.
    """
    step = max(1, min(image.shape) // WINDOW_SAMPLE_SIDE_PX)
    return image if step == 1 else np.ascontiguousarray(image[::step, ::step])
