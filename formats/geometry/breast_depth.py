"""How deep a place lies in the breast on a film: from the chest wall to the nipple."""

from dataclasses import dataclass

import cv2
import numpy as np

from formats.film_reading.intensity_window import apply_window, intensity_window

# Enough to see the breast's outline.
LONGER_SIDE_PX = 256
# The chest wall is where more of the film's edge shows tissue.
EDGE_PART = 0.05
# The nipple lies where the breast reaches furthest; so many of its columns are taken as its tip.
TIP_PART = 0.01


@dataclass(frozen=True, kw_only=True)
class BreastExtent:
    """Where the breast lies along a film's rows."""

    chest_wall_x_px: float
    nipple_x_px: float

    def depth(self, x_px: float) -> float:
        """Return 0 at the chest wall and 1 at the nipple's distance from it."""
        return (x_px - self.chest_wall_x_px) / (self.nipple_x_px - self.chest_wall_x_px)


def breast_extent(film: np.ndarray) -> BreastExtent | None:
    """Return where the breast lies on a (H, W) film, uint8 or uint16; None where none is seen.

    The chest wall is taken to be the film's left or right edge, and the tissue what lies above
    the grey levels' threshold (triangle method) in one piece.
    """
    scale = LONGER_SIDE_PX / max(film.shape)
    size_px = tuple(max(1, round(side * scale)) for side in film.shape[::-1])
    small = cv2.resize(film, size_px, interpolation=cv2.INTER_AREA)
    tissue = _largest_piece(apply_window(small, intensity_window(small)))
    width_px = tissue.shape[1]
    edge_px = max(1, round(EDGE_PART * width_px))
    at_left, at_right = tissue[:, :edge_px].sum(), tissue[:, -edge_px:].sum()
    if at_left == at_right:
        return None
    is_at_left = bool(at_left > at_right)
    columns = np.sort(np.nonzero(tissue)[1])
    tip = (
        columns[int((1 - TIP_PART) * (len(columns) - 1))] + 1
        if is_at_left
        else (columns[int(TIP_PART * (len(columns) - 1))])
    )
    chest_wall = 0 if is_at_left else width_px
    if tip == chest_wall:
        return None
    to_film = film.shape[1] / width_px
    return BreastExtent(
        chest_wall_x_px=float(chest_wall * to_film), nipple_x_px=float(tip * to_film)
    )


def _largest_piece(grey: np.ndarray) -> np.ndarray:
    """Return the (H, W) bool mask of the largest connected tissue."""
    _, bright = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_TRIANGLE)
    _, pieces, statistics, _ = cv2.connectedComponentsWithStats(bright)
    areas = statistics[1:, cv2.CC_STAT_AREA]
    largest = 1 + int(np.argmax(areas)) if len(areas) else -1
    return np.equal(pieces, largest)
