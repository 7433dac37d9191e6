from pathlib import Path

import cv2
import numpy as np
import pytest
from views import make_lesion, make_view

from converters.records import View
from reports.conversion.lesion_places import (
    GRID_HW,
    draw_lesion_places,
    heat_map,
    is_chest_wall_on_right,
    lesion_middles,
    turned_films,
)


def film(*, is_on_right: bool) -> np.ndarray:
    half_disc = np.zeros((240, 160), np.uint8)
    cv2.circle(half_disc, (159 if is_on_right else 0, 120), 90, 180, -1)
    # A label in a corner, brighter than tissue.
    half_disc[5:30, 5:60] = 250
    return half_disc


@pytest.fixture
def written(tmp_path: Path) -> tuple[list[View], Path]:
    """A view of each chest wall's side, and one without a lesion."""
    views = [
        make_view("A_0001", "Cancer", view="CC", lesions=[make_lesion("Cancer")]),
        make_view("A_0002", "Benign", view="CC", lesions=[make_lesion("Benign")]),
        make_view("A_0003", "Normal", view="CC"),
    ]
    for view, is_on_right in zip(views, (False, True, False), strict=True):
        path = tmp_path / view.file_name
        path.parent.mkdir(parents=True)
        cv2.imwrite(str(path), film(is_on_right=is_on_right))
    return views, tmp_path


def test_the_pixels_tell_the_chest_wall() -> None:
    assert is_chest_wall_on_right(film(is_on_right=True))
    assert not is_chest_wall_on_right(film(is_on_right=False))


def test_lesions_turn_with_their_film(written: tuple[list[View], Path]) -> None:
    views, root = written
    middles = lesion_middles(turned_films(views, root))

    # 20 x 30 pixels from 10, 40 of 160 x 240.
    assert middles["Cancer"] == [(20 / 160, 55 / 240)]
    assert middles["Benign"] == [(1 - 20 / 160, 55 / 240)]


def test_heat_is_where_the_lesions_are() -> None:
    heat = heat_map({"Benign": [(0.2, 0.75)], "Cancer": []})
    row, column = np.unravel_index(heat.argmax(), GRID_HW)

    assert heat.max() == 1
    assert row / GRID_HW[0] == pytest.approx(0.75, abs=0.01)
    assert column / GRID_HW[1] == pytest.approx(0.2, abs=0.01)
    assert heat_map({"Benign": [], "Cancer": []}).max() == 0


def test_a_figure_has_both_projections_and_a_dot_for_each_lesion(
    written: tuple[list[View], Path],
) -> None:
    figure = draw_lesion_places(*written)

    assert [axes.get_title() for axes in figure.axes] == [
        "CC, 2 lesions of 2 views",
        "MLO, 0 lesions of 0 views",
    ]
    dots = [len(dots.get_offsets()) for dots in figure.axes[0].collections]
    assert dots == [1, 1]
    # The mean film and the heat.
    assert len(figure.axes[0].images) == 2
    # Turned, the breast is on the left alone.
    mean = figure.axes[0].images[0].get_array()
    assert mean[80, :30].mean() > 100 > mean[80, -30:].mean()


def test_a_film_that_cannot_be_decoded_is_left_out(written: tuple[list[View], Path]) -> None:
    views, root = written
    (root / views[0].file_name).write_bytes(b"junk")

    assert [turned.view for turned in turned_films(views, root)] == views[1:]
