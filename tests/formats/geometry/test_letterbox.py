import itertools

import numpy as np
import pytest

from formats.geometry.letterbox import Geometry, film_to_canvas, place

SIDES_PX = (1, 2, 31, 32, 33, 447, 448, 449, 1000, 4321, 30_000, 150_000)
CANVASES_HW = ((1, 1), (32, 32), (64, 96), (448, 448), (449, 227), (2000, 64))


def gradient(height_px: int, width_px: int) -> np.ndarray:
    return np.linspace(100, 255, height_px * width_px).reshape(height_px, width_px).astype(np.uint8)


@pytest.mark.parametrize("geometry", list(Geometry))
def test_boxes_of_films_of_any_size_go_to_the_canvas_and_come_back(geometry: Geometry) -> None:
    parts_xyxy = np.array([[0, 0, 1, 1], [0.1, 0.2, 0.3, 0.9], [0.999, 0.999, 1, 1]])
    for film_hw, canvas_hw in itertools.product(itertools.product(SIDES_PX, repeat=2), CANVASES_HW):
        boxes = parts_xyxy * [*film_hw[::-1], *film_hw[::-1]]
        placement = place(film_hw, canvas_hw, geometry)
        on_canvas = placement.to_canvas(boxes)

        np.testing.assert_allclose(placement.to_film(on_canvas), boxes, err_msg=f"{film_hw}")
        filled_hw = placement.filled_shape_hw
        np.testing.assert_allclose(on_canvas[0], [0, 0, *filled_hw[::-1]], err_msg=f"{film_hw}")
        assert all(1 <= filled <= side for filled, side in zip(filled_hw, canvas_hw, strict=True))
        # The whole canvas one way, or the film could be larger.
        assert any(filled == side for filled, side in zip(filled_hw, canvas_hw, strict=True))


def test_stretching_fills_the_canvas_and_letterbox_keeps_aspect() -> None:
    whole_film = np.array([[0.0, 0.0, 1000.0, 2000.0]])

    stretched = place((2000, 1000), (448, 300), Geometry.stretch)
    letterboxed = place((2000, 1000), (448, 300), Geometry.letterbox)

    assert stretched.to_canvas(whole_film).tolist() == [[0, 0, 300, 448]]
    assert letterboxed.to_canvas(whole_film).tolist() == [[0, 0, 224, 448]]


@pytest.mark.parametrize(
    ("film_size", "filled"),
    [((200, 100), (100, 50)), ((100, 100), (80, 80)), ((100, 400), (20, 80))],
    ids=["tall", "square", "wide"],
)
def test_beside_a_letterboxed_film_the_canvas_is_black(
    film_size: tuple[int, int], filled: tuple[int, int]
) -> None:
    film = np.full(film_size, 200, dtype=np.uint8)
    film[0, 0] = 0
    canvas, placement = film_to_canvas(film, (100, 80), Geometry.letterbox)

    height_px, width_px = filled
    assert placement.filled_shape_hw == filled
    assert canvas.shape == (100, 80)
    assert (canvas[2:height_px, 2:width_px] == 255).all()
    assert not canvas[height_px:].any()
    assert not canvas[:, width_px:].any()


@pytest.mark.parametrize("geometry", list(Geometry))
def test_small_films_are_enlarged(geometry: Geometry) -> None:
    assert film_to_canvas(gradient(32, 32), (64, 64), geometry)[0][-1, -1] > 0


@pytest.mark.parametrize("geometry", list(Geometry))
@pytest.mark.parametrize("film_hw", [(32, 30_000), (30_000, 32), (32, 100_000), (33, 449)], ids=str)
@pytest.mark.parametrize("canvas_hw", [(448, 448), (64, 96)], ids=str)
def test_thin_films_keep_what_is_on_them(
    geometry: Geometry, film_hw: tuple[int, int], canvas_hw: tuple[int, int]
) -> None:
    height_px, width_px = film_hw
    film = np.zeros(film_hw, dtype=np.uint16)
    film[height_px // 2 :, width_px // 2 :] = 4000
    canvas, placement = film_to_canvas(film, canvas_hw, geometry)

    assert canvas.shape == canvas_hw
    filled_height_px, filled_width_px = placement.filled_shape_hw
    assert canvas[filled_height_px - 1, filled_width_px - 1] > 100
    assert canvas.any(axis=1).sum() <= filled_height_px
    assert canvas.any(axis=0).sum() <= filled_width_px


@pytest.mark.parametrize("geometry", list(Geometry))
def test_a_bright_patch_lands_where_its_box_does(geometry: Geometry) -> None:
    film = np.zeros((400, 200), dtype=np.uint8)
    film[100:200, 50:100] = 255
    canvas, placement = film_to_canvas(film, (128, 128), geometry)
    x1, y1, x2, y2 = placement.to_canvas(np.array([[50.0, 100.0, 100.0, 200.0]]))[0].astype(int)

    assert canvas[y1 + 1 : y2 - 1, x1 + 1 : x2 - 1].min() == 255
    assert canvas.sum() == pytest.approx(255 * (x2 - x1) * (y2 - y1), rel=0.05)


@pytest.mark.parametrize("geometry", list(Geometry))
def test_depths_and_stretched_copies_come_out_alike(geometry: Geometry) -> None:
    film = np.random.default_rng(0).normal(2000, 400, (600, 300)).clip(0, 4095).astype(np.uint16)
    film = np.kron(film[::10, ::10], np.ones((10, 10), dtype=np.uint16))
    eight_bit = (film / 4095 * 255).round().astype(np.uint8)

    deep, _ = film_to_canvas(film, (64, 64), geometry)
    shallow, _ = film_to_canvas(eight_bit, (64, 64), geometry)

    assert np.abs(deep.astype(int) - shallow).max() <= 3
