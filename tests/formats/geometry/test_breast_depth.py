import numpy as np
import pytest

from formats.geometry.breast_depth import breast_extent


def film(dtype: type = np.uint8) -> np.ndarray:
    """Half an ellipse on the left edge, 300 px deep, beside a label far from it."""
    y, x = np.mgrid[:800, :500]
    breast = (x / 300) ** 2 + ((y - 400) / 350) ** 2 < 1
    levels = np.where(breast, 140 + x / 10, 10).astype(dtype)
    levels[20:60, 440:490] = 250
    return levels * (16 if dtype is np.uint16 else 1)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_breast_reaches_from_its_edge_to_the_nipple(dtype: type) -> None:
    extent = breast_extent(film(dtype))

    assert extent.chest_wall_x_px == 0
    assert extent.nipple_x_px == pytest.approx(300, abs=12)
    assert extent.depth(150) == pytest.approx(0.5, abs=0.03)


def test_a_mirrored_film_gives_mirrored_places() -> None:
    left, right = breast_extent(film()), breast_extent(np.ascontiguousarray(film()[:, ::-1]))

    assert right.chest_wall_x_px == 500
    assert right.nipple_x_px == pytest.approx(500 - left.nipple_x_px, abs=4)
    assert right.depth(500 - 90) == pytest.approx(left.depth(90), abs=0.02)


def test_a_film_without_a_breast_at_its_edge_has_no_depth() -> None:
    middle = np.zeros((400, 400), dtype=np.uint8)
    middle[100:300, 100:300] = 200

    assert breast_extent(middle) is None
