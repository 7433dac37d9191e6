"""What a breast holds besides fat: glandular tissue, vessels and the muscle behind it."""

import numpy as np

from phantoms.breast import Breast
from phantoms.texture import blurred, draw_line, nipple_strands, power_law_noise, ridges

# Attenuation of full thickness, in units where 1.0 is the densest tissue that a film still shows.
GLAND = 0.55
MUSCLE = 0.4
# How much the gland's field must reach, by BI-RADS density 1 (fatty) to 4 (dense).
GLAND_THRESHOLD = {1: 1.1, 2: 0.85, 3: 0.58, 4: 0.3}
# Layers of folded tissue that the projection lays over each other, from smooth to fibrous.
SHEET_EXPONENTS = (3.4, 3.0, 2.6)
FOLD_WIDTHS = (0.5, 0.4, 0.3)


def gland(
    rng: np.random.Generator,
    breast: Breast,
    nipple_xy_px: tuple[float, float],
    skin_distance_px: np.ndarray,
) -> np.ndarray:
    """Return the (H, W) float32 attenuation of glandular tissue and its ligaments.

    Args:
        rng: Source of randomness.
        breast: Gives size and density.
        nipple_xy_px: Where the ducts meet, (x, y).
        skin_distance_px: (H, W) distance to the skin, 0 outside.
    """
    shape_hw = skin_distance_px.shape
    bend = power_law_noise(rng, shape_hw, exponent=3.6)
    cloud = power_law_noise(rng, shape_hw)
    sheets = nipple_strands(rng, nipple_xy_px, bend, SHEET_EXPONENTS)
    envelope = _gland_envelope(rng, breast, nipple_xy_px, skin_distance_px + 12 * sheets[0])
    field = 1.3 * envelope + 0.3 * cloud + 0.15 * sheets[0] - GLAND_THRESHOLD[breast.density]
    amount = _smooth_step(field / 0.8) * np.sqrt(envelope)
    folds = np.sum([ridges(s, width) for s, width in zip(sheets, FOLD_WIDTHS, strict=True)], axis=0)
    density = np.clip(0.3 + 0.12 * cloud + 0.1 * sheets[1] + 0.25 * folds, 0, None)
    ligaments = ridges(sheets[1] + 0.3 * cloud, 0.12) * np.clip(1.2 * envelope, 0.25, 1)
    return blurred(GLAND * (amount * density + 0.17 * ligaments), 0.8)


def _smooth_step(ramp: np.ndarray) -> np.ndarray:
    """Rise from 0 to 1 without corners where the ramp does."""
    ramp = np.clip(ramp, 0, 1)
    return ramp * ramp * (3 - 2 * ramp)


def _gland_envelope(
    rng: np.random.Generator,
    breast: Breast,
    nipple_xy_px: tuple[float, float],
    skin_distance_px: np.ndarray,
) -> np.ndarray:
    """Where glandular tissue may be: behind the nipple, below a layer of fat; 0..1."""
    height_px, width_px = skin_distance_px.shape
    rows = np.arange(height_px, dtype=np.float32)[:, None] - np.float32(nipple_xy_px[1])
    columns = np.arange(width_px, dtype=np.float32)[None, :]
    reach_x = 0.62 * breast.depth_px
    reach_y = breast.half_height_px * rng.uniform(0.55, 0.72)
    off_axis = (rows + breast.half_height_px * rng.uniform(0.0, 0.22)) / np.float32(reach_y)
    along = (columns - np.float32(0.62 * nipple_xy_px[0])) / np.float32(reach_x)
    bump = np.exp(-np.power(np.square(off_axis) + np.square(along), 1.6))
    fat_layer_px = breast.depth_px * rng.uniform(0.03, 0.08)
    return bump * _smooth_step((skin_distance_px - fat_layer_px) / np.float32(2.5 * fat_layer_px))


def vessels(
    rng: np.random.Generator,
    breast: Breast,
    nipple_xy_px: tuple[float, float],
    shape_hw: tuple[int, int],
) -> np.ndarray:
    """Return the (H, W) float32 attenuation of a few winding vessels."""
    canvas = np.zeros(shape_hw, np.float32)
    steps = np.linspace(0, 1, 24)
    for _ in range(rng.integers(3, 8)):
        start = rng.uniform(-0.8, 0.8)
        end = start * rng.uniform(0.2, 0.9)
        wander = np.cumsum(np.cumsum(rng.normal(0, 0.002, steps.size)))
        across = start + (end - start) * steps + wander
        along = steps * rng.uniform(0.5, 0.95)
        points_xy = np.column_stack(
            [along * nipple_xy_px[0], nipple_xy_px[1] + across * breast.half_height_px]
        )
        draw_line(canvas, points_xy, rng.uniform(0.03, 0.07), int(rng.integers(1, 3)))
    return blurred(canvas, 0.8)


def pectoral_muscle(
    rng: np.random.Generator, breast: Breast, nipple_row: int, shape_hw: tuple[int, int]
) -> np.ndarray:
    """Return the (H, W) float32 attenuation of the wedge in the upper corner at the chest wall."""
    top_px = breast.depth_px * rng.uniform(0.45, 0.68)
    bottom_row = nipple_row * rng.uniform(0.85, 1.25)
    rows = np.arange(shape_hw[0], dtype=np.float32)[:, None]
    columns = np.arange(shape_hw[1], dtype=np.float32)[None, :]
    border = top_px * np.clip(1 - (rows / bottom_row) ** rng.uniform(1.0, 1.7), 0, 1)
    inward = np.clip((border - columns) / np.float32(0.5 * top_px), 0, 1)
    wedge = np.where(border > columns, 0.7 + 0.3 * np.sqrt(inward), 0).astype(np.float32)
    texture = 1 + 0.05 * power_law_noise(rng, shape_hw, 2.6)
    return MUSCLE * rng.uniform(0.65, 1.1) * blurred(wedge, 2.5) * texture
