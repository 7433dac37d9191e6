"""A compressed breast without lesions, projected: how much each point of the film attenuates.

All arrays are in the frame of a left breast: chest wall at column 0, nipple to the right.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from phantoms.breast import Breast, Outline, cc_outline, mlo_outline
from phantoms.parenchyma import gland, pectoral_muscle, vessels
from phantoms.texture import power_law_noise

# In the units of phantom_parenchyma.
FAT = 0.35
SKIN = 0.05
# Width of the rounded rim as a fraction of the breast's depth.
RIM = 0.3


@dataclass(frozen=True, kw_only=True)
class Tissue:
    """One projected breast."""

    outline: Outline
    thickness: np.ndarray
    """(H, W) float32 compressed thickness, 0 outside to 1."""
    attenuation: np.ndarray
    """(H, W) float32."""


def project(
    rng: np.random.Generator, breast: Breast, view: str, shape_hw: tuple[int, int]
) -> Tissue:
    """Project a breast onto a film of this shape, in view CC or MLO."""
    draw_outline = cc_outline if view == "CC" else mlo_outline
    outline = draw_outline(rng, breast, shape_hw[0])
    skin_distance_px = _skin_distance(outline.edge_column_px, shape_hw)
    thickness = _thickness(skin_distance_px, RIM * breast.depth_px)
    tissue = FAT * (1 + 0.05 * power_law_noise(rng, shape_hw))
    tissue += gland(rng, breast, outline.nipple_xy_px, skin_distance_px)
    tissue += vessels(rng, breast, outline.nipple_xy_px, shape_hw)
    attenuation = thickness * tissue + SKIN * np.exp(-np.square((skin_distance_px - 2) / 1.6))
    if view == "MLO":
        attenuation += pectoral_muscle(rng, breast, outline.nipple_row, shape_hw)
    attenuation *= skin_distance_px > 0
    return Tissue(outline=outline, thickness=thickness, attenuation=attenuation.astype(np.float32))


def _skin_distance(edge_column_px: np.ndarray, shape_hw: tuple[int, int]) -> np.ndarray:
    """Return each pixel's distance to the skin, 0 outside; the film's border is no skin."""
    inside = (np.arange(shape_hw[1])[None, :] < edge_column_px[:, None]).astype(np.uint8)
    padding_px = shape_hw[1]
    padded = cv2.copyMakeBorder(inside, padding_px, 0, padding_px, 0, cv2.BORDER_REPLICATE)
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, 5)
    return distance[padding_px:, padding_px:]


def _thickness(skin_distance_px: np.ndarray, rim_px: float) -> np.ndarray:
    """The paddle flattens the middle; the rim, `rim_px` wide, stays round."""
    inward = np.clip(skin_distance_px / np.float32(rim_px), 0, 1)
    return np.sqrt(1 - np.square(1 - inward))
