import numpy as np
import pytest

from phantoms.breast import Breast
from phantoms.lesions import PhantomLesion, sample_lesions

BREAST = Breast(depth_px=330, half_height_px=330, nipple_height=0.5, density=2)
VIEW_AREA_PX = 800 * 490


def one_lesion(seed: int, is_malignant: bool) -> PhantomLesion:
    (lesion,) = sample_lesions(np.random.default_rng(seed), BREAST, VIEW_AREA_PX, [is_malignant])
    return lesion


def test_box_fractions_are_those_of_real_boxes() -> None:
    radii_px = np.array([one_lesion(seed, False).outline_radius_px for seed in range(1500)])

    fractions = (2 * radii_px) ** 2 / VIEW_AREA_PX
    assert np.median(fractions) == pytest.approx(0.02, abs=0.003)
    assert 0.003 <= fractions.min() < 0.004
    assert 0.12 < fractions.max() <= 0.18


def test_pathology_follows_malignancy() -> None:
    assert {one_lesion(seed, True).pathology for seed in range(50)} == {"MALIGNANT"}
    benign = {one_lesion(seed, False).pathology for seed in range(200)}
    assert benign == {"BENIGN", "BENIGN_WITHOUT_CALLBACK", "UNPROVEN"}


def test_every_lesion_shows_something() -> None:
    kinds = {(lesion.has_mass, lesion.has_calcifications) for lesion in map_seeds(100)}

    assert kinds == {(True, False), (True, True), (False, True)}


def test_lesions_lie_inside_the_breast() -> None:
    for lesion in map_seeds(300):
        assert lesion.depth_px >= 0.9 * lesion.outline_radius_px
        assert lesion.depth_px <= 0.9 * BREAST.depth_px


def test_subtlety_runs_from_one_to_five() -> None:
    assert {lesion.subtlety for lesion in map_seeds(200)} == {1, 2, 3, 4, 5}


def test_several_lesions_keep_apart_in_depth_or_height() -> None:
    lesions = sample_lesions(np.random.default_rng(0), BREAST, VIEW_AREA_PX, [True] * 6)

    assert len(lesions) == 6
    assert len({lesion.depth_px for lesion in lesions}) == 6


def map_seeds(count: int) -> list[PhantomLesion]:
    return [one_lesion(seed, seed % 2 == 0) for seed in range(count)]
