import numpy as np
import pytest

from detector.config import Geometry
from formats.letterbox import film_to_square, place


@pytest.mark.parametrize("geometry", list(Geometry))
def test_boxes_go_to_the_square_and_come_back(geometry: Geometry) -> None:
    boxes = np.array([[10.0, 20.0, 110.0, 220.0], [0.0, 0.0, 1000.0, 2000.0]])
    placement = place(2000, 1000, 448, geometry)

    np.testing.assert_allclose(placement.to_film(placement.to_square(boxes)), boxes)


def test_stretching_fills_the_square_and_letterbox_keeps_aspect() -> None:
    whole_film = np.array([[0.0, 0.0, 1000.0, 2000.0]])

    assert place(2000, 1000, 448, Geometry.stretch).to_square(whole_film).tolist() == [
        [0, 0, 448, 448]
    ]
    assert place(2000, 1000, 448, Geometry.letterbox).to_square(whole_film).tolist() == [
        [0, 0, 224, 448]
    ]


@pytest.mark.parametrize("geometry", list(Geometry))
def test_a_bright_patch_lands_where_its_box_does(geometry: Geometry) -> None:
    film = np.zeros((400, 200), dtype=np.uint8)
    film[100:200, 50:100] = 255
    square, placement = film_to_square(film, 128, geometry)
    x1, y1, x2, y2 = placement.to_square(np.array([[50.0, 100.0, 100.0, 200.0]]))[0].astype(int)

    assert square.shape == (128, 128)
    assert square[y1 + 1 : y2 - 1, x1 + 1 : x2 - 1].min() == 255
    assert square.sum() == pytest.approx(255 * (x2 - x1) * (y2 - y1), rel=0.05)


def test_depths_and_stretched_copies_come_out_alike() -> None:
    film = np.random.default_rng(0).normal(2000, 400, (600, 300)).clip(0, 4095).astype(np.uint16)
    film = np.kron(film[::10, ::10], np.ones((10, 10), dtype=np.uint16))
    eight_bit = (film / 4095 * 255).round().astype(np.uint8)

    deep, _ = film_to_square(film, 64, Geometry.stretch)
    shallow, _ = film_to_square(eight_bit, 64, Geometry.stretch)

    assert np.abs(deep.astype(int) - shallow).max() <= 3
