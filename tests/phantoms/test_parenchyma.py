import numpy as np

from phantoms.breast import Breast
from phantoms.parenchyma import gland, pectoral_muscle, vessels

SHAPE_HW = (400, 240)
NIPPLE_XY = (150.0, 200.0)


def breast(density: int) -> Breast:
    return Breast(depth_px=150, half_height_px=170, nipple_height=0.5, density=density)


def mean_gland(density: int) -> float:
    skin_distance_px = np.full(SHAPE_HW, 60, np.float32)
    drawn = [
        gland(np.random.default_rng(seed), breast(density), NIPPLE_XY, skin_distance_px).mean()
        for seed in range(4)
    ]
    return float(np.mean(drawn))


def test_gland_grows_with_density() -> None:
    means = [mean_gland(density) for density in (1, 2, 3, 4)]

    assert means == sorted(means)
    assert means[3] > 2 * means[0]


def test_gland_lies_behind_the_nipple() -> None:
    skin_distance_px = np.full(SHAPE_HW, 60, np.float32)

    drawn = gland(np.random.default_rng(0), breast(4), NIPPLE_XY, skin_distance_px)

    assert drawn[150:230, 60:130].mean() > 3 * drawn[:60].mean()


def test_vessels_are_thin() -> None:
    drawn = vessels(np.random.default_rng(0), breast(2), NIPPLE_XY, SHAPE_HW)

    assert drawn.max() > 0.02
    assert (drawn > 0.01).mean() < 0.1


def test_muscle_fills_the_upper_corner_at_the_chest_wall() -> None:
    drawn = pectoral_muscle(np.random.default_rng(0), breast(2), 200, SHAPE_HW)

    assert drawn[5, 5] > 0.1
    assert drawn[5, -5] == 0
    assert drawn[-5, 5] == 0
