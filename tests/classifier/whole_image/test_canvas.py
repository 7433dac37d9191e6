import cv2
import numpy as np
import pytest

from classifier.whole_image.canvas import film_to_canvas, mean_size_px
from formats.coco import CocoDataset


def gradient(height_px: int, width_px: int) -> np.ndarray:
    return np.linspace(100, 255, height_px * width_px).reshape(height_px, width_px).astype(np.uint8)


@pytest.mark.parametrize(
    ("film_size", "filled"),
    [((200, 100), (100, 50)), ((100, 100), (80, 80)), ((100, 400), (20, 80))],
    ids=["tall", "square", "wide"],
)
def test_aspect_is_kept_and_the_rest_is_zero(
    film_size: tuple[int, int], filled: tuple[int, int]
) -> None:
    film = np.full(film_size, 200, dtype=np.uint8)
    film[0, 0] = 0
    canvas = film_to_canvas(film, height_px=100, width_px=80)

    height_px, width_px = filled
    assert canvas.shape == (100, 80)
    assert (canvas[2:height_px, 2:width_px] == 255).all()
    assert not canvas[height_px:].any()
    assert not canvas[:, width_px:].any()


def test_small_films_are_enlarged() -> None:
    assert film_to_canvas(gradient(32, 32), 64, 64)[-1, -1] > 0


def test_a_16_bit_copy_comes_out_the_same() -> None:
    film = gradient(120, 90)
    deep = film.astype(np.uint16) * 257

    difference = cv2.absdiff(film_to_canvas(film, 64, 64), film_to_canvas(deep, 64, 64))
    assert difference.max() <= 1


def test_a_thin_line_is_no_error() -> None:
    canvas = film_to_canvas(np.full((32, 20_000), 9, dtype=np.uint8), 64, 64)

    assert canvas.shape == (64, 64)


def test_mean_size_by_hand() -> None:
    sizes = [(100, 50), (201, 60), (300, 100)]
    images = [
        {"id": i, "file_name": f"{i}.png", "height": height, "width": width}
        for i, (height, width) in enumerate(sizes, start=1)
    ]

    assert mean_size_px(CocoDataset(images, [])) == (200, 70)  # type: ignore[arg-type]
