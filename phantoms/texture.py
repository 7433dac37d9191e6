"""Random textures of breast tissue: power-law noise and strands that run towards the nipple."""

from collections.abc import Sequence

import cv2
import numpy as np
from scipy import fft

# Displacement in pixels that keeps strands from being straight.
STRAND_WARP_PX = 26.0
STRAND_PX_PER_RADIAN = 260.0
# Noise pixels that a film pixel along a strand takes: below 1 stretches.
STRAND_STRETCH = 0.45
STRAND_LENGTH_PX = 384
# OpenCV draws between pixels when given coordinates with this many binary places.
SUBPIXEL_BITS = 4


def power_law_noise(
    rng: np.random.Generator, shape_hw: tuple[int, int], exponent: float = 3.0
) -> np.ndarray:
    """Return (H, W) float32 noise with mean 0, deviation 1 and power spectrum 1 / f^exponent.

    Source: mammographic parenchyma follows a power law with an exponent near 3 (Burgess, Jacobson
    and Judy, "Human observer detection experiments with mammograms and power-law noise", 2001).
    """
    height, width = (fft.next_fast_len(side, real=True) for side in shape_hw)
    white = rng.standard_normal((height, width), dtype=np.float32)
    frequency_y = fft.fftfreq(height).astype(np.float32)[:, None]
    frequency_x = fft.rfftfreq(width).astype(np.float32)[None, :]
    frequency = np.hypot(frequency_y, frequency_x)
    frequency[0, 0] = np.inf
    noise = fft.irfft2(fft.rfft2(white) * frequency ** np.float32(-exponent / 2), (height, width))
    noise = noise[: shape_hw[0], : shape_hw[1]].astype(np.float32)
    return (noise - noise.mean()) / noise.std()


def nipple_strands(
    rng: np.random.Generator,
    nipple_xy_px: tuple[float, float],
    bend: np.ndarray,
    exponents: Sequence[float],
) -> list[np.ndarray]:
    """Return (H, W) float32 noises stretched along lines that meet behind the nipple.

    Args:
        rng: Source of the noise.
        nipple_xy_px: The nipple of a breast whose chest wall is at column 0, (x, y) in pixels.
        bend: (H, W) float32 noise with deviation 1 that bends the lines.
        exponents: Of the power spectra before stretching, one a result.
    """
    height, width = bend.shape
    columns = np.arange(width, dtype=np.float32)[None, :]
    rows = np.arange(height, dtype=np.float32)[:, None]
    shift = STRAND_WARP_PX * bend
    # The lines meet beyond the skin, or all of them would crowd into one pixel of it.
    behind_px = nipple_xy_px[0] + 0.08 * width - columns + shift
    radius, angle = cv2.cartToPolar(behind_px, rows - np.float32(nipple_xy_px[1]) + shift)
    sheet_x = radius * np.float32(STRAND_STRETCH)
    sheet_y = (angle + np.pi / 2) % (2 * np.pi) * np.float32(STRAND_PX_PER_RADIAN)
    sheet_hw = (round(np.pi * STRAND_PX_PER_RADIAN), STRAND_LENGTH_PX)
    return [
        cv2.remap(
            power_law_noise(rng, sheet_hw, exponent),
            sheet_x,
            sheet_y,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
        for exponent in exponents
    ]


def ridges(noise: np.ndarray, width: float) -> np.ndarray:
    """Turn smooth noise into thin bright lines along its zero crossings, 0..1."""
    return np.exp(-np.square(noise / np.float32(width)))


def blurred(image: np.ndarray, sigma_px: float) -> np.ndarray:
    """Return a (H, W) float32 image after a Gaussian blur."""
    return cv2.GaussianBlur(image.astype(np.float32), (0, 0), sigma_px)


def draw_line(
    canvas: np.ndarray, points_xy: np.ndarray, level: float, thickness_px: int = 1
) -> None:
    """Draw a smooth line through (N, 2) points into a (H, W) float32 canvas, in place."""
    points = np.round(points_xy * 2**SUBPIXEL_BITS).astype(np.int32)
    cv2.polylines(canvas, [points], False, level, thickness_px, cv2.LINE_AA, SUBPIXEL_BITS)
