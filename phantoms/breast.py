"""The shape of a compressed breast: its size and the skin's outline in both views.

Lengths are in pixels, in the frame of a left breast: chest wall at column 0, nipple to the right.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Breast:
    """What both views of one breast share. Lengths are in pixels."""

    depth_px: float
    """Chest wall to nipple."""
    half_height_px: float
    nipple_height: float
    """Nipple's row in the CC view, as a fraction of the film's height."""
    density: int
    """BI-RADS 1 (fatty) to 4 (dense)."""


class Outline(NamedTuple):
    """The skin in one view."""

    edge_column_px: np.ndarray
    """(H,) float64 column of the skin in each row, 0 where there is no breast."""
    nipple_row: int

    @property
    def nipple_xy_px(self) -> tuple[float, float]:
        """The nipple, (x, y)."""
        return float(self.edge_column_px[self.nipple_row]), float(self.nipple_row)


def sample_breast(rng: np.random.Generator, height_px: int, density: int) -> Breast:
    """Draw a breast for films of this height."""
    half_height_px = height_px * rng.uniform(0.31, 0.46)
    return Breast(
        depth_px=half_height_px * rng.uniform(0.75, 1.08),
        half_height_px=half_height_px,
        nipple_height=rng.uniform(0.44, 0.56),
        density=density,
    )


def opposite_breast(rng: np.random.Generator, breast: Breast) -> Breast:
    """Draw the other breast of the same woman: alike, not the same."""
    depth_factor, height_factor = rng.uniform(0.94, 1.06, size=2)
    return Breast(
        depth_px=breast.depth_px * depth_factor,
        half_height_px=breast.half_height_px * height_factor,
        nipple_height=breast.nipple_height + rng.uniform(-0.03, 0.03),
        density=breast.density,
    )


def cc_outline(rng: np.random.Generator, breast: Breast, height_px: int) -> Outline:
    """Draw the craniocaudal outline: a rounded cone on the chest wall."""
    nipple_row = round(breast.nipple_height * height_px)
    rows = np.arange(height_px) - nipple_row
    half_height = np.where(rows < 0, *(breast.half_height_px * rng.uniform(0.94, 1.08, size=2)))
    reach = np.clip(1 - np.abs(rows / half_height) ** rng.uniform(1.75, 2.1), 0, 1)
    edge = breast.depth_px * reach ** rng.uniform(0.5, 0.62)
    return Outline(edge + _nipple_bump(rng, breast, rows), nipple_row)


def mlo_outline(rng: np.random.Generator, breast: Breast, height_px: int) -> Outline:
    """Draw the mediolateral oblique outline: it goes on upwards into the axilla."""
    nipple_row = round((breast.nipple_height + rng.uniform(0.04, 0.14)) * height_px)
    rows = np.arange(height_px) - nipple_row
    axilla_px = breast.depth_px * rng.uniform(0.5, 0.75)
    rise = np.clip(-rows / nipple_row, 0, 1)
    swell = np.cos(np.pi / 2 * rise) ** rng.uniform(1.0, 1.6)
    upper = axilla_px + (breast.depth_px - axilla_px) * swell
    fall = np.clip(rows / (breast.half_height_px * rng.uniform(0.78, 0.95)), 0, 1)
    lower = breast.depth_px * (1 - fall ** rng.uniform(1.9, 2.3)) ** rng.uniform(0.55, 0.75)
    edge = np.where(rows < 0, upper, lower)
    return Outline(edge + _nipple_bump(rng, breast, rows), nipple_row)


def _nipple_bump(rng: np.random.Generator, breast: Breast, rows: np.ndarray) -> np.ndarray:
    width_px = 0.035 * breast.half_height_px
    return rng.uniform(0.01, 0.06) * breast.depth_px * np.exp(-np.square(rows / width_px))
