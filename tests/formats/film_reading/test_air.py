from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from formats.film_reading.air import has_bright_air


def drawn_film(height_px: int = 900, width_px: int = 600, top: int = 4095) -> np.ndarray:
    """Draw a film of a breast on the left, with noise, a mass and a label in dark air."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:height_px, :width_px] / width_px
    depth = np.clip(1 - ((y - 0.75) / 0.6) ** 2 - (x / 0.75) ** 2, 0, 1)
    tissue = np.sqrt(depth) * (0.7 + random.normal(0, 0.05, depth.shape))
    tissue[(y - 0.7) ** 2 + (x - 0.3) ** 2 < 0.003] += 0.2
    air = 0.02 + random.normal(0, 0.004, depth.shape)
    film = (np.clip(np.maximum(tissue, air), 0, 1) * top).astype(np.uint16)
    film[30:60, width_px - 120 : width_px - 40] = top
    return film


def framed(film: np.ndarray, level: int, share: float, sides: str = "lrtb") -> np.ndarray:
    width_px = round(min(film.shape) * share)
    top, bottom, left, right = (width_px * (side in sides) for side in "tblr")
    return cv2.copyMakeBorder(
        film, top, bottom, left, right, cv2.BORDER_CONSTANT, value=[float(level)]
    )


@pytest.mark.parametrize("top", [255, 1023, 4095, 16383, 65535])
def test_a_negative_is_known_at_any_depth(top: int) -> None:
    film = drawn_film(top=top)

    assert not has_bright_air(film)
    assert has_bright_air(top - film)


def test_a_negative_of_a_small_part_of_the_range_is_known() -> None:
    assert has_bright_air(65535 - drawn_film())


@pytest.mark.parametrize("share", [0.01, 0.05, 0.1])
@pytest.mark.parametrize("sides", ["lrtb", "r", "lt", "tb"])
def test_a_white_frame_around_a_right_film_is_no_bright_air(share: float, sides: str) -> None:
    assert not has_bright_air(framed(drawn_film(), 4095, share, sides))


@pytest.mark.parametrize("share", [0.2, 0.3])
def test_nor_is_a_wide_white_frame(share: float) -> None:
    assert not has_bright_air(framed(drawn_film(), 4095, share))


def test_a_dark_frame_does_not_hide_a_negative() -> None:
    assert has_bright_air(framed(4095 - drawn_film(), 0, 0.05))


def test_a_film_without_air_is_taken_to_be_right() -> None:
    tissue = drawn_film()[300:600, :250]

    assert not has_bright_air(tissue)
    assert not has_bright_air(4095 - tissue)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_negative_is_known_whichever_way_it_is_turned(turns: int) -> None:
    assert has_bright_air(np.rot90(4095 - drawn_film(), turns))
    assert not has_bright_air(np.rot90(drawn_film(), turns))


def test_small_films_are_known_too() -> None:
    film = cv2.resize(drawn_film(), (100, 150), interpolation=cv2.INTER_AREA)

    assert has_bright_air(4095 - film)
    assert not has_bright_air(film)


def test_real_films_are_right_and_their_negatives_are_not(real_data_dir: Path) -> None:
    films = sorted((real_data_dir / "cbis-ddsm-mass-train" / "images").glob("*.jpg"))[::40]
    pixels = [np.asarray(Image.open(path).convert("L")) for path in films]

    assert not any(has_bright_air(film) for film in pixels)
    assert np.mean([has_bright_air(255 - film) for film in pixels]) > 0.9
