import numpy as np
import pytest

from formats.geometry.box_conventions import BoxConvention


def test_boxes_grow_about_their_centre_by_factor_and_part_of_the_film() -> None:
    convention = BoxConvention(
        width_factor=2.0, width_offset=0.1, height_factor=0.5, height_offset=0.02
    )
    drawn = convention.redraw(np.array([[40, 100, 60, 140.0]]), height_px=500, width_px=100)

    # 2 x 20 + 0.1 x 100 wide, 0.5 x 40 + 0.02 x 500 high.
    assert drawn == pytest.approx(np.array([[25, 105, 75, 135.0]]))


def test_what_reaches_beyond_the_film_is_clipped() -> None:
    convention = BoxConvention(width_factor=3.0, height_factor=3.0)

    assert convention.redraw(np.array([[0, 80, 20, 100.0]]), 100, 200).tolist() == [
        [0, 60, 40, 100]
    ]


def test_by_default_nothing_changes_to_the_last_bit() -> None:
    boxes = np.random.default_rng(0).uniform(0, 100, (20, 4))

    assert np.array_equal(BoxConvention().redraw(boxes, 50, 50), boxes)


def test_no_boxes_stay_none() -> None:
    assert BoxConvention(width_factor=2.0).redraw(np.empty((0, 4)), 10, 10).shape == (0, 4)
