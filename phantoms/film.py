"""From attenuation to a scanned film: grey levels, grain, edges and the view's label."""

from dataclasses import dataclass

import cv2
import numpy as np

from phantoms.texture import blurred

LABEL_FONT = cv2.FONT_HERSHEY_DUPLEX


@dataclass(frozen=True, kw_only=True)
class FilmStyle:
    """How one site's films and scanner look."""

    background_grey: float
    contrast: float
    """Grey levels between an empty film and attenuation 1."""
    gamma: float
    grain_grey: float
    """Standard deviation of the noise, in grey levels."""
    grain_px: float
    """Blur of the noise: its size."""


# Every film looks like this unless the sites are to show.
COMMON_STYLE = FilmStyle(background_grey=8, contrast=205, gamma=1.25, grain_grey=1.6, grain_px=0.5)
SITE_STYLES = {
    "A": FilmStyle(background_grey=5, contrast=240, gamma=1.05, grain_grey=1.0, grain_px=0.0),
    "B": FilmStyle(background_grey=14, contrast=175, gamma=1.45, grain_grey=2.4, grain_px=0.8),
    "C": FilmStyle(background_grey=9, contrast=205, gamma=1.25, grain_grey=1.6, grain_px=0.5),
    "D": FilmStyle(background_grey=22, contrast=150, gamma=1.1, grain_grey=3.2, grain_px=1.2),
}


def expose(
    rng: np.random.Generator, attenuation: np.ndarray, side: str, view: str, style: FilmStyle
) -> np.ndarray:
    """Turn (H, W) attenuation, chest wall at column 0, into a (H, W) uint8 film.

    A right breast is mirrored, so that its chest wall is at the film's right edge.
    """
    if side == "RIGHT":
        attenuation = attenuation[:, ::-1]
    level = np.clip(attenuation, 0, None) * np.float32(rng.uniform(0.92, 1.12))
    film = style.background_grey + style.contrast * level ** np.float32(style.gamma)
    film = _shoulder(film) + _scanner_drift(rng, film.shape)
    _cover_plates(rng, film, side)
    _stamp_label(rng, film, side, view)
    film += _grain(rng, film, style)
    _expose_edges(rng, film)
    return np.clip(np.round(film), 0, 255).astype(np.uint8)


def _shoulder(film: np.ndarray) -> np.ndarray:
    """Let dense tissue saturate slowly, as film does, instead of clipping."""
    knee, room = np.float32(130), np.float32(95)
    return np.where(film > knee, knee + room * np.tanh((film - knee) / room), film)


def _scanner_drift(rng: np.random.Generator, shape_hw: tuple[int, ...]) -> np.ndarray:
    """Return faint (H, W) vertical bands."""
    bands = blurred(rng.normal(0, 2.5, (1, shape_hw[1])), 9)
    return np.broadcast_to(bands, shape_hw)


def _cover_plates(rng: np.random.Generator, film: np.ndarray, side: str) -> None:
    """Darken, in place, where the patient's name was covered."""
    height, width = film.shape
    for row in (rng.uniform(0.08, 0.18), rng.uniform(0.86, 0.93)):
        plate_h, plate_w = height * rng.uniform(0.04, 0.13), width * rng.uniform(0.14, 0.28)
        away_px = width - plate_w * rng.uniform(0.3, 1.15)
        column = away_px if side == "LEFT" else width - away_px - plate_w
        centre = (column + plate_w / 2, row * height + plate_h / 2)
        corners = cv2.boxPoints((centre, (plate_w, plate_h), rng.normal(0, 4))).astype(np.int32)
        plate = cv2.fillConvexPoly(np.zeros((height, width), np.float32), corners, 1.0)
        film -= 3.5 * plate * (film < 30)


def _stamp_label(rng: np.random.Generator, film: np.ndarray, side: str, view: str) -> None:
    """Print the side and the view, in place, in the upper corner away from the chest wall."""
    height, width = film.shape
    text, scale = f"{side[0]} {view}", height / 800 * rng.uniform(0.7, 0.95)
    (text_w, text_h), _ = cv2.getTextSize(text, LABEL_FONT, scale, 2)
    away_px = width - rng.uniform(0.45, 0.85) * text_w
    centre = (away_px if side == "LEFT" else width - away_px, height * rng.uniform(0.05, 0.1))
    tilt = rng.choice([rng.normal(0, 5), rng.uniform(25, 60) * (-1 if side == "LEFT" else 1)])
    left, baseline = round(centre[0] - text_w / 2), round(centre[1] + text_h / 2)
    holder, letters = np.zeros((2, height, width), np.uint8)
    holder_corner = (left - 12, baseline + 10)
    opposite_corner = (left + text_w + 12, baseline - text_h - 10)
    cv2.rectangle(holder, holder_corner, opposite_corner, float(rng.uniform(4, 14)), cv2.FILLED)
    level = float(rng.uniform(90, 235))
    cv2.putText(letters, text, (left, baseline), LABEL_FONT, scale, level, 2, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D(centre, float(tilt), 1.0)
    for part in (holder, letters):
        np.maximum(film, blurred(cv2.warpAffine(part, turn, (width, height)), 0.7), out=film)


def _grain(rng: np.random.Generator, film: np.ndarray, style: FilmStyle) -> np.ndarray:
    """Return (H, W) noise, stronger where light had to pass more silver."""
    noise = rng.standard_normal(film.shape, dtype=np.float32)
    if style.grain_px:
        noise = blurred(noise, style.grain_px)
        noise /= noise.std()
    return style.grain_grey * (0.6 + film / 160) * noise


def _expose_edges(rng: np.random.Generator, film: np.ndarray) -> None:
    """Light up, in place, what the scanner saw beyond the film: strips and rounded corners."""
    height, width = film.shape
    top, bottom, left, right = rng.integers((0, 3, 0, 0), (5, 14, 2, 3))
    corner = int(rng.integers(6, 16))
    inside = np.zeros((height, width), np.float32)
    x0, y0, x1, y1 = int(left), int(top), int(width - right) - 1, int(height - bottom) - 1
    cv2.rectangle(inside, (x0 + corner, y0), (x1 - corner, y1), 1.0, cv2.FILLED)
    cv2.rectangle(inside, (x0, y0 + corner), (x1, y1 - corner), 1.0, cv2.FILLED)
    for x in (x0 + corner, x1 - corner):
        for y in (y0 + corner, y1 - corner):
            cv2.circle(inside, (x, y), corner, 1.0, cv2.FILLED)
    light = 1 - blurred(inside, 0.8)
    film += (rng.uniform(190, 240) - film) * light
