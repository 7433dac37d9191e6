"""Drawing a lesion into a projected breast, and the outline that a reader would give it."""

import cv2
import numpy as np

from phantoms.anatomy import Tissue
from phantoms.breast import Breast
from phantoms.lesions import PhantomLesion
from phantoms.texture import SUBPIXEL_BITS, blurred, draw_line, power_law_noise

OUTLINE_POINTS = 96
OUTLINE_ANGLES = np.linspace(0, 2 * np.pi, OUTLINE_POINTS, endpoint=False)


def add_lesion(
    rng: np.random.Generator, tissue: Tissue, breast: Breast, view: str, lesion: PhantomLesion
) -> np.ndarray:
    """Draw a lesion into the tissue's attenuation, in place.

    Returns:
        (N, 2) float64 outline as a reader would have drawn it, (x, y) in pixels inside the film.
    """
    centre_xy = _centre_xy(tissue, breast, view, lesion)
    shape = _radial_shape(rng, lesion.is_malignant)
    # A reader's outline leaves a margin, and a wider one around spicules.
    margin = rng.uniform(1.15, 1.35) if lesion.is_malignant else rng.uniform(1.06, 1.18)
    body_px = lesion.outline_radius_px / margin
    patch = np.zeros((2 * int(2 * body_px) + 1,) * 2, np.float32)
    if lesion.has_mass:
        patch += _mass(rng, patch.shape[0], body_px, shape, lesion.is_malignant)
    patch *= np.float32(lesion.contrast)
    if lesion.has_calcifications:
        patch += _calcifications(rng, patch.shape[0], body_px, lesion.is_malignant)
    _add_patch(tissue, patch, centre_xy)
    return _outline(rng, centre_xy, lesion.outline_radius_px, shape, tissue.attenuation.shape)


def _centre_xy(
    tissue: Tissue, breast: Breast, view: str, lesion: PhantomLesion
) -> tuple[float, float]:
    """Find the row that puts the lesion under the skin, and in MLO below the axilla."""
    nipple_x, nipple_row = tissue.outline.nipple_xy_px
    margin_px = min(lesion.outline_radius_px, 0.7 * (nipple_x - lesion.depth_px))
    rows = np.flatnonzero(tissue.outline.edge_column_px > lesion.depth_px + margin_px)
    reach_px = breast.half_height_px * (0.7 if view == "MLO" else 1.0)
    rows = rows[np.abs(rows - nipple_row) <= reach_px]
    # The chest-wall end of the outline's own height stays inside as well.
    inset_px = min(0.8 * lesion.outline_radius_px, 0.4 * rows.size)
    top, bottom = rows[0] + inset_px, rows[-1] - inset_px
    return lesion.depth_px, top + (lesion.across[view] + 1) / 2 * (bottom - top)


def _radial_shape(rng: np.random.Generator, is_malignant: bool) -> np.ndarray:
    """Return the radius at `OUTLINE_ANGLES`, in units of the mean radius."""
    harmonics = np.arange(2, 9)
    amplitude = (0.11 if is_malignant else 0.02) * rng.normal(size=harmonics.size) / harmonics**0.7
    phase = rng.uniform(0, 2 * np.pi, harmonics.size)
    waves = amplitude[:, None] * np.cos(harmonics[:, None] * OUTLINE_ANGLES + phase[:, None])
    aspect = rng.uniform(0.68, 1.0)
    tilt = rng.uniform(0, np.pi)
    ellipse = 1 / np.hypot(np.cos(OUTLINE_ANGLES - tilt) * aspect, np.sin(OUTLINE_ANGLES - tilt))
    radius = ellipse * np.clip(1 + waves.sum(axis=0), 0.45, 1.8)
    return radius / radius.mean()


def _mass(
    rng: np.random.Generator, size_px: int, body_px: float, shape: np.ndarray, is_malignant: bool
) -> np.ndarray:
    """Return a (size, size) mass with a maximum near 1."""
    offset = np.arange(size_px, dtype=np.float32) - size_px // 2
    radius, angle = cv2.cartToPolar(*np.meshgrid(offset, offset))
    border = np.interp(angle, OUTLINE_ANGLES, shape, period=2 * np.pi)
    inward = np.clip(1 - radius / (border * body_px), 0, 1)
    mottle = 1 + 0.1 * power_law_noise(rng, (size_px, size_px))
    if not is_malignant:
        # A ball's thickness: steep at its border, flat in its middle.
        ball = np.sqrt(1 - np.square(1 - inward))
        return blurred(ball, max(0.03 * body_px, 1.2)) * mottle
    core = blurred(inward**0.7, max(0.07 * body_px, 1.3))
    return 1.6 * core * mottle + _spicules(rng, size_px, body_px)


def _spicules(rng: np.random.Generator, size_px: int, body_px: float) -> np.ndarray:
    """Draw thin lines that radiate from the body and fade."""
    canvas = np.zeros((size_px, size_px), np.float32)
    steps = np.linspace(0.35, 1, 8)
    for angle in rng.uniform(0, 2 * np.pi, rng.integers(18, 34)):
        bent = angle + rng.normal(0, 0.12) * steps
        length_px = body_px * rng.uniform(1.1, 2.0)
        points = np.column_stack([np.cos(bent), np.sin(bent)]) * (steps * length_px)[:, None]
        draw_line(canvas, points + size_px // 2, rng.uniform(0.35, 0.8))
    offset = np.arange(size_px) - size_px // 2
    fade = np.clip(1.15 - np.hypot(offset[:, None], offset[None, :]) / (2 * body_px), 0, 1)
    return blurred(canvas, 0.9) * fade


def _calcifications(
    rng: np.random.Generator, size_px: int, body_px: float, is_malignant: bool
) -> np.ndarray:
    """Draw a cluster of specks: many, small and uneven in a cancer; few, round, large otherwise."""
    canvas = np.zeros((size_px, size_px), np.float32)
    count = rng.integers(14, 36) if is_malignant else rng.integers(4, 10)
    for _ in range(count):
        centre = size_px // 2 + rng.normal(0, 0.38, 2).clip(-0.8, 0.8) * body_px
        radius_px = rng.uniform(0.5, 1.1) if is_malignant else rng.uniform(1.0, 1.9)
        x, y, radius = (round(length * 2**SUBPIXEL_BITS) for length in (*centre, radius_px))
        level = rng.uniform(0.25, 0.6)
        cv2.circle(canvas, (x, y), radius, level, cv2.FILLED, cv2.LINE_AA, SUBPIXEL_BITS)
    return blurred(canvas, 0.75)


def _add_patch(tissue: Tissue, patch: np.ndarray, centre_xy: tuple[float, float]) -> None:
    """Add a patch where it lies on the breast; what hangs over is cut."""
    height_px, width_px = tissue.attenuation.shape
    left, top = (round(c) - patch.shape[0] // 2 for c in centre_xy)
    rows = slice(max(top, 0), min(top + patch.shape[0], height_px))
    columns = slice(max(left, 0), min(left + patch.shape[1], width_px))
    visible = patch[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    tissue.attenuation[rows, columns] += visible * tissue.thickness[rows, columns]


def _outline(
    rng: np.random.Generator,
    centre_xy: tuple[float, float],
    radius_px: float,
    shape: np.ndarray,
    shape_hw: tuple[int, ...],
) -> np.ndarray:
    """Trace the shape with an unsteady hand, scaled so that its box has the area asked for."""
    spectrum = np.fft.rfft(shape)
    spectrum[7:] = 0
    trembling = np.fft.irfft(spectrum, OUTLINE_POINTS) * (1 + rng.normal(0, 0.012, OUTLINE_POINTS))
    points = np.column_stack([np.cos(OUTLINE_ANGLES), np.sin(OUTLINE_ANGLES)]) * trembling[:, None]
    points *= 2 * radius_px / np.sqrt(np.prod(np.ptp(points, axis=0)))
    return np.clip(points + centre_xy, 1, [shape_hw[1] - 2, shape_hw[0] - 2])
