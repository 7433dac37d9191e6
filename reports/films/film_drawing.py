"""Films as pictures, with boxes and outlines in the colours of their labels."""

from collections.abc import Sequence

import cv2
import numpy as np

from formats.film_reading.intensity_window import apply_window, intensity_window
from formats.labels import bgr_of, colour_of

BLACK = (0, 0, 0)
# Dashes, and the gaps between them, in widths of the line.
DASH_WIDTHS = 4


def shown_film(
    film: np.ndarray, window_xyxy: tuple[int, int, int, int], longer_side_px: int
) -> tuple[np.ndarray, float]:
    """Return a part of a (H, W) film of any depth as a BGR picture, and its scale.

    Args:
        film: uint8 or uint16.
        window_xyxy: the part, in pixels of the film.
        longer_side_px: of the picture.
    """
    x1, y1, x2, y2 = window_xyxy
    grey = apply_window(film, intensity_window(film))[y1:y2, x1:x2]
    scale = longer_side_px / max(grey.shape)
    size = tuple(max(1, round(side * scale)) for side in grey.shape[::-1])
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_GRAY2BGR), scale


def draw_box(
    picture: np.ndarray,
    xyxy: Sequence[float] | np.ndarray,
    label: str,
    width_px: int,
    *,
    is_dashed: bool,
) -> None:
    """Draw a box into a BGR picture: dashed for the truth, through for what was found."""
    left, top, right, bottom = (round(float(value)) for value in xyxy)
    colour = bgr_of(colour_of(label))
    if not is_dashed:
        cv2.rectangle(picture, (left, top), (right, bottom), colour, width_px)
        return
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        _draw_dashes(picture, np.array(start), np.array(end), colour, width_px)


def draw_outline(picture: np.ndarray, polygon_xy: np.ndarray, label: str, width_px: int) -> None:
    """Draw a closed (N, 2) outline into a BGR picture."""
    points = np.round(polygon_xy).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(picture, [points], True, bgr_of(colour_of(label)), width_px, lineType=cv2.LINE_AA)


def _draw_dashes(
    picture: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    colour: tuple[int, int, int],
    width_px: int,
) -> None:
    length_px = float(np.abs(end - start).max())
    count = max(1, round(length_px / (2 * DASH_WIDTHS * width_px)))
    for dash in range(count):
        ends = [start + (end - start) * (dash + part) / count for part in (0.0, 0.5)]
        first, last = (tuple(int(value) for value in point.round()) for point in ends)
        cv2.line(picture, first, last, colour, width_px)
