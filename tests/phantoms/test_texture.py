import numpy as np
import pytest

from phantoms.texture import (
    blurred,
    draw_line,
    nipple_strands,
    power_law_noise,
    ridges,
)


@pytest.mark.parametrize("exponent", [2.0, 3.0])
def test_noise_power_falls_with_the_exponent(exponent: float) -> None:
    noise = power_law_noise(np.random.default_rng(0), (256, 256), exponent)

    power = np.abs(np.fft.fft2(noise)) ** 2
    frequency = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.fftfreq(256)[None, :])
    band = (frequency > 0.02) & (frequency < 0.4)
    slope = np.polyfit(np.log(frequency[band]), np.log(power[band]), 1)[0]
    assert slope == pytest.approx(-exponent, abs=0.1)


def test_noise_has_the_shape_asked_for_and_unit_deviation() -> None:
    noise = power_law_noise(np.random.default_rng(0), (101, 67))

    assert noise.shape == (101, 67)
    assert noise.dtype == np.float32
    assert noise.std() == pytest.approx(1, abs=1e-4)


def test_strands_run_towards_the_nipple() -> None:
    straight = np.zeros((300, 200), np.float32)

    (strands,) = nipple_strands(np.random.default_rng(0), (150.0, 150.0), straight, [2.6])

    # On the nipple's own row the lines are horizontal.
    near_row = strands[140:160, 20:120]
    along = np.abs(np.diff(near_row, axis=1)).mean()
    across = np.abs(np.diff(near_row, axis=0)).mean()
    assert across > 1.5 * along


def test_one_strand_noise_for_each_exponent() -> None:
    bend = np.zeros((60, 40), np.float32)

    smooth, rough = nipple_strands(np.random.default_rng(0), (30.0, 30.0), bend, [3.6, 2.0])

    assert np.abs(np.diff(smooth, axis=0)).mean() < np.abs(np.diff(rough, axis=0)).mean()


def test_ridges_are_brightest_where_noise_is_zero() -> None:
    assert ridges(np.array([0.0, 0.1, 5.0]), 0.1) == pytest.approx([1, np.exp(-1), 0])


def test_line_passes_between_pixels() -> None:
    canvas = np.zeros((9, 9), np.float32)

    draw_line(canvas, np.array([[1.0, 4.0], [7.0, 4.0]]), 0.5)

    assert canvas[4, 4] == pytest.approx(0.5, abs=0.01)
    assert canvas[1, 4] == 0


def test_blur_keeps_the_sum() -> None:
    dot = np.zeros((31, 31))
    dot[15, 15] = 1

    assert blurred(dot, 2.0).sum() == pytest.approx(1, abs=1e-3)
