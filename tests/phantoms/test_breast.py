import numpy as np
import pytest

from phantoms.breast import (
    Breast,
    cc_outline,
    mlo_outline,
    opposite_breast,
    sample_breast,
)

BREAST = Breast(depth_px=280, half_height_px=300, nipple_height=0.5, density=2)


def test_cc_is_deepest_at_the_nipple_and_ends_on_the_chest_wall() -> None:
    outline = cc_outline(np.random.default_rng(0), BREAST, 800)

    assert abs(int(outline.edge_column_px.argmax()) - outline.nipple_row) <= 2
    assert outline.nipple_xy_px[0] == pytest.approx(280, rel=0.07)
    assert outline.edge_column_px[[0, -1]] == pytest.approx([0, 0], abs=1e-6)


def test_mlo_reaches_into_the_axilla_and_hangs_lower() -> None:
    rng = np.random.default_rng(0)

    outline = mlo_outline(rng, BREAST, 800)

    assert outline.edge_column_px[0] > 0.4 * BREAST.depth_px
    assert outline.edge_column_px[-1] == pytest.approx(0, abs=1e-6)
    assert outline.nipple_row > 400


def test_breast_fits_the_narrowest_film() -> None:
    for seed in range(200):
        breast = sample_breast(np.random.default_rng(seed), 800, density=1)
        assert breast.depth_px * 1.06**2 < 0.6 * 800
        assert breast.half_height_px < 0.47 * 800


def test_opposite_breast_is_alike() -> None:
    other = opposite_breast(np.random.default_rng(0), BREAST)

    assert other != BREAST
    assert other.depth_px == pytest.approx(BREAST.depth_px, rel=0.061)
    assert other.density == BREAST.density
