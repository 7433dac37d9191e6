from dataclasses import replace

import cv2
import numpy as np
import pytest

from phantoms.anatomy import Tissue, project
from phantoms.breast import Breast
from phantoms.drawing import add_lesion
from phantoms.lesions import PhantomLesion

BREAST = Breast(depth_px=330, half_height_px=330, nipple_height=0.5, density=1)
MASS = PhantomLesion(
    pathology="BENIGN",
    has_mass=True,
    has_calcifications=False,
    depth_px=150,
    across={"CC": 0.2, "MLO": 0.3},
    outline_radius_px=45,
    contrast=0.25,
)
CANCER = replace(MASS, pathology="MALIGNANT")


@pytest.fixture(scope="module")
def tissues() -> dict[str, Tissue]:
    return {v: project(np.random.default_rng(1), BREAST, v, (800, 490)) for v in ("CC", "MLO")}


def added(tissue: Tissue, lesion: PhantomLesion, view: str) -> tuple[np.ndarray, np.ndarray]:
    """The attenuation that the lesion adds, and its outline."""
    copy = replace(tissue, attenuation=tissue.attenuation.copy())
    outline_xy = add_lesion(np.random.default_rng(0), copy, BREAST, view, lesion)
    return copy.attenuation - tissue.attenuation, outline_xy


def inside(outline_xy: np.ndarray, shape_hw: tuple[int, ...]) -> np.ndarray:
    points = np.round(outline_xy).astype(np.int32)
    return cv2.fillPoly(np.zeros(shape_hw, np.uint8), [points], 1).astype(bool)


@pytest.mark.parametrize("lesion", [MASS, CANCER], ids=["benign", "cancer"])
@pytest.mark.parametrize("view", ["CC", "MLO"])
def test_outline_holds_the_mass(
    tissues: dict[str, Tissue], lesion: PhantomLesion, view: str
) -> None:
    attenuation, outline_xy = added(tissues[view], lesion, view)

    filled = inside(outline_xy, attenuation.shape)
    assert attenuation[filled].mean() > 0.3 * lesion.contrast
    assert attenuation[filled].sum() > 0.75 * attenuation.sum()


def test_box_has_the_area_asked_for(tissues: dict[str, Tissue]) -> None:
    _, outline_xy = added(tissues["CC"], CANCER, "CC")

    assert np.prod(np.ptp(outline_xy, axis=0)) == pytest.approx(90**2, rel=1e-6)


def test_depth_is_the_same_in_both_views(tissues: dict[str, Tissue]) -> None:
    boxes = [added(tissues[view], MASS, view)[1] for view in ("CC", "MLO")]

    middles_px = [(box[:, 0].min() + box[:, 0].max()) / 2 for box in boxes]
    assert middles_px == pytest.approx([150, 150], abs=6)


def test_spicules_reach_beyond_the_outline_of_a_cancer_only(tissues: dict[str, Tissue]) -> None:
    def share_outside(lesion: PhantomLesion) -> float:
        attenuation, outline_xy = added(tissues["CC"], lesion, "CC")
        return attenuation[~inside(outline_xy, attenuation.shape)].sum() / attenuation.sum()

    assert share_outside(CANCER) > 0.01
    assert share_outside(MASS) < 0.002


def test_calcifications_are_a_few_bright_specks(tissues: dict[str, Tissue]) -> None:
    specks = replace(MASS, has_mass=False, has_calcifications=True)

    attenuation, outline_xy = added(tissues["CC"], specks, "CC")

    bright = attenuation > 0.05
    assert 10 < bright.sum() < 0.05 * inside(outline_xy, attenuation.shape).sum()


def test_lesion_at_the_chest_wall_stays_on_the_film(tissues: dict[str, Tissue]) -> None:
    _, outline_xy = added(tissues["CC"], replace(MASS, depth_px=5), "CC")

    assert outline_xy.min() >= 1


@pytest.mark.parametrize("across", [-1.0, 1.0])
def test_outline_stays_on_the_breast(tissues: dict[str, Tissue], across: float) -> None:
    lesion = replace(MASS, across={"CC": across, "MLO": across})

    for view, tissue in tissues.items():
        _, outline_xy = added(tissue, lesion, view)
        filled = inside(outline_xy, tissue.attenuation.shape)
        assert (tissue.thickness[filled] > 0).mean() > 0.85
