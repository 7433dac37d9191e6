import numpy as np
import pytest

from phantoms.film import COMMON_STYLE, SITE_STYLES, FilmStyle, expose

SLAB = np.zeros((400, 240), np.float32)
SLAB[100:300, :120] = 0.5


def exposed(side: str, style: FilmStyle = COMMON_STYLE, seed: int = 0) -> np.ndarray:
    return expose(np.random.default_rng(seed), SLAB, side, "CC", style)


def test_chest_wall_is_at_the_breasts_own_side() -> None:
    left, right = exposed("LEFT"), exposed("RIGHT")

    assert left[150:250, 20:100].mean() > 5 * left[150:250, 140:220].mean()
    assert right[150:250, 140:220].mean() > 5 * right[150:250, 20:100].mean()


def test_film_is_dark_where_nothing_attenuates() -> None:
    film = exposed("LEFT")

    assert film.dtype == np.uint8
    assert film.shape == SLAB.shape
    assert 3 < np.median(film[150:250, 140:220]) < 14


def test_label_stands_away_from_the_chest_wall() -> None:
    for seed in range(5):
        left, right = exposed("LEFT", seed=seed), exposed("RIGHT", seed=seed)
        assert left[10:80, 150:].max() > 60 > left[10:80, 10:80].max()
        assert right[10:80, :90].max() > 60 > right[10:80, 160:230].max()


def test_edges_are_lit() -> None:
    assert exposed("LEFT")[-2:, 20:-20].mean() > 150


@pytest.mark.parametrize("first", SITE_STYLES)
@pytest.mark.parametrize("second", SITE_STYLES)
def test_sites_differ_in_what_an_empty_corner_shows(first: str, second: str) -> None:
    if first >= second:
        pytest.skip("each pair once")

    def look(site: str) -> np.ndarray:
        corners = [exposed("LEFT", SITE_STYLES[site], seed)[320:340, 20:100] for seed in range(4)]
        return np.array([np.mean(corners), np.std(corners)])

    assert np.abs(look(first) - look(second)).max() > 1
