import numpy as np
import pytest

from phantoms.anatomy import Tissue, project
from phantoms.breast import Breast

BREAST = Breast(depth_px=170, half_height_px=160, nipple_height=0.5, density=2)


def projected(view: str) -> Tissue:
    return project(np.random.default_rng(0), BREAST, view, (400, 240))


@pytest.mark.parametrize("view", ["CC", "MLO"])
def test_nothing_attenuates_outside_the_breast(view: str) -> None:
    tissue = projected(view)

    outside = np.arange(240)[None, :] >= tissue.outline.edge_column_px[:, None]
    assert tissue.attenuation[outside].max() == 0
    assert tissue.thickness[outside].max() == 0
    assert tissue.attenuation[~outside].min() > 0


def test_thickness_falls_towards_the_skin_only() -> None:
    thickness = projected("CC").thickness

    assert thickness[200, 0] == 1
    assert thickness[200, 150] < thickness[200, 100] == 1


def test_only_mlo_shows_the_muscle() -> None:
    assert projected("MLO").attenuation[5, 5] > 0.3
    assert projected("CC").attenuation[5, 5] == 0
