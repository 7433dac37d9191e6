import numpy as np
import pytest

from formats.film_reading.intensity_window import apply_window, burnt_in_limit, intensity_window

DEEP = np.linspace(0, 4095, 64 * 48).reshape(64, 48).astype(np.uint16)
SHALLOW = (DEEP // 16).astype(np.uint8)


def test_twelve_bits_in_sixteen_and_their_eight_bit_copy_look_alike() -> None:
    deep, shallow = (apply_window(film, intensity_window(film)) for film in (DEEP, SHALLOW))

    assert deep.dtype == shallow.dtype == np.uint8
    assert np.abs(deep.astype(int) - shallow).max() <= 1
    assert (deep.min(), deep.max()) == (0, 255)


def test_a_few_burnt_out_pixels_do_not_darken_the_film() -> None:
    film = np.tile(DEEP, (10, 10))
    burnt = film.copy()
    burnt[5, 5] = 65535

    assert intensity_window(burnt).high == pytest.approx(intensity_window(film).high, rel=0.01)
    assert apply_window(burnt, intensity_window(burnt))[5, 5] == 255


@pytest.mark.parametrize("seed", range(20))
def test_white_is_the_percentile_to_the_last_bit(seed: int) -> None:
    random = np.random.default_rng(seed)
    levels = random.gamma(2, 10 ** random.uniform(0, 3), random.integers(40, 90, 2))
    film = np.minimum(levels, 65535).astype(np.uint16)
    limit = burnt_in_limit(film)
    own = film if limit is None else film[film <= limit]

    expected = (own.min(), max(np.percentile(own, 99.9), own.min() + 1.0))
    assert intensity_window(film) == expected


def test_a_blank_film_is_no_division_by_nought() -> None:
    film = np.full((64, 64), 700, dtype=np.uint16)

    assert apply_window(film, intensity_window(film)).max() == 0


def drawn_breast(top: int) -> np.ndarray:
    """Draw a (600, 400) film of noisy tissue, up to `top`, in dark air."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:600, :400]
    depth = np.clip(1 - ((y - 300) / 250) ** 2 - (x / 300) ** 2, 0, 1)
    noise = random.normal(0, 0.03, depth.shape) * (depth > 0)
    return (np.clip(np.sqrt(depth) * 0.8 + noise, 0, 1) * top).astype(np.uint16)


@pytest.mark.parametrize(
    ("tissue_top", "label_level"), [(4095, 65535), (4095, 60000), (16383, 32767), (1023, 4095)]
)
@pytest.mark.parametrize("share", [0.0015, 0.004, 0.02])
def test_a_burnt_in_label_does_not_set_the_window(
    tissue_top: int, label_level: int, share: float
) -> None:
    film = drawn_breast(tissue_top)
    labelled = film.copy()
    width_px = round(share * film.size / 20)
    labelled[10:30, 380 - width_px : 380] = label_level

    assert intensity_window(labelled) == pytest.approx(intensity_window(film), rel=0.01)


def test_a_label_with_soft_edges_does_not_set_the_window() -> None:
    film = drawn_breast(4095)
    labelled = film.copy()
    labelled[10:40, 340:380] = 65535
    labelled[10:40, [339, 380]] = np.linspace(2000, 60000, 30, dtype=np.uint16)[:, None]

    assert intensity_window(labelled).high == pytest.approx(intensity_window(film).high, rel=0.01)


def test_a_label_and_padding_at_levels_of_their_own_are_both_kept_out() -> None:
    film = drawn_breast(4095)
    marked = film.copy()
    marked[10:40, 340:380] = 50000
    marked[:, :20] = 65535

    assert intensity_window(marked).high == pytest.approx(intensity_window(film).high, rel=0.02)


def test_a_white_label_on_a_dark_8_bit_film_is_kept_out() -> None:
    film = drawn_breast(70).astype(np.uint8)
    labelled = film.copy()
    labelled[10:30, 340:380] = 255

    assert intensity_window(labelled) == intensity_window(film)


def test_bright_tissue_is_no_label() -> None:
    film = drawn_breast(4095)
    random = np.random.default_rng(1)
    film[280:330, 100:150] = random.normal(3900, 60, (50, 50)).clip(0, 4095)

    assert burnt_in_limit(film) is None


def test_a_bright_lesion_on_an_8_bit_film_is_no_label() -> None:
    film = np.random.default_rng(0).normal(40, 6, (160, 128)).clip(0, 255).astype(np.uint8)
    film[50:80, 50:80] = 220

    assert burnt_in_limit(film) is None
    assert intensity_window(film).high == 220


def test_bright_air_is_no_padding() -> None:
    assert burnt_in_limit(4095 - drawn_breast(4095)) is None
    assert burnt_in_limit(4095 - np.maximum(drawn_breast(4095), 1200)) is None
