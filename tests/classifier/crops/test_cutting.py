import cv2
import numpy as np
import pytest

from classifier.crops.config import CropShape
from classifier.crops.cutting import crop_window, cut_crop
from formats.film_reading.reader import IntensityWindow

AS_IS = IntensityWindow(0, 255)


def test_window_is_square_around_the_longer_side() -> None:
    box = np.array([100.0, 200.0, 140.0, 220.0])
    window = crop_window(box, np.empty((1000, 500)), margin=1.5, shape=CropShape.film)

    assert window.tolist() == [90, 180, 150, 240]


def test_stretched_window_has_the_films_aspect() -> None:
    box = np.array([100.0, 200.0, 150.0, 250.0])
    window = crop_window(box, np.empty((1000, 500)), margin=1.0, shape=CropShape.stretched)
    width, height = window[2:] - window[:2]

    assert height / width == pytest.approx(1000 / 500)
    assert width == pytest.approx(50)


def test_stretching_the_film_does_not_change_the_stretched_crop() -> None:
    coarse = np.random.default_rng(0).integers(0, 255, (10, 5)).astype(np.uint8)
    film = cv2.resize(coarse, (200, 400), interpolation=cv2.INTER_CUBIC)
    tall = np.repeat(film, 2, axis=0)
    box, tall_box = np.array([40.0, 80, 120, 240]), np.array([40.0, 160, 120, 480])

    crops = [
        cut_crop(f, crop_window(b, f, 1.5, CropShape.stretched), 64, AS_IS).astype(int)
        for f, b in ((film, box), (tall, tall_box))
    ]

    assert np.abs(crops[0] - crops[1]).max() <= 4


def test_crop_holds_the_window_and_nothing_else() -> None:
    film = np.zeros((100, 100), dtype=np.uint8)
    film[20:40, 30:50] = 200

    assert (cut_crop(film, np.array([30.0, 20, 50, 40]), 80, AS_IS) == 200).all()


@pytest.mark.parametrize(
    "window",
    [(-10, -10, 10, 10), (90, 90, 110, 110), (-30, 40, -10, 60), (120, 120, 160, 160)],
    ids=["top left", "bottom right", "left of it", "beyond it"],
)
def test_outside_of_the_film_is_black(window: tuple[int, int, int, int]) -> None:
    film = np.full((100, 100), 255, dtype=np.uint8)
    crop = cut_crop(film, np.array(window, dtype=float), 40, AS_IS)
    x1, y1, x2, y2 = window
    inside = max(0, min(x2, 100) - max(x1, 0)) * max(0, min(y2, 100) - max(y1, 0))

    assert crop.shape == (40, 40)
    assert (crop == 255).mean() == pytest.approx(inside / ((x2 - x1) * (y2 - y1)), abs=0.06)


def test_window_of_no_size_is_one_pixel() -> None:
    film = np.full((10, 10), 7, dtype=np.uint8)

    assert (cut_crop(film, np.array([5.0, 5, 5, 5]), 8, AS_IS) == 7).all()


def test_deep_films_use_their_own_levels() -> None:
    film = np.full((64, 64), 3000, dtype=np.uint16)

    assert (
        cut_crop(film, np.array([0.0, 0, 64, 64]), 32, IntensityWindow(1000, 5000)) == 128
    ).all()
