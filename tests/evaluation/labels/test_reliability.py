import numpy as np
import pytest

from evaluation.labels.reliability import reliability


def test_bins_and_error_by_hand() -> None:
    diagram = reliability(np.array([0.05, 0.05, 0.85, 0.85]), np.array([0, 1, 1, 1]))

    assert diagram.count[[0, 8]].tolist() == [2, 2]
    assert diagram.frequency[[0, 8]].tolist() == [0.5, 1.0]
    assert diagram.mean_probability[[0, 8]] == pytest.approx([0.05, 0.85])
    assert np.isnan(diagram.frequency[4])
    assert diagram.expected_error == pytest.approx((2 * 0.45 + 2 * 0.15) / 4)


def test_honest_probabilities_have_no_error() -> None:
    random = np.random.default_rng(0)
    probability = random.random(100_000)

    assert reliability(probability, random.random(100_000) < probability).expected_error < 0.01


def test_error_by_chance_is_that_of_outcomes_drawn_from_the_probabilities() -> None:
    random = np.random.default_rng(0)
    probability = random.beta(2, 2, 256)
    drawn = [reliability(probability, random.random(256) < probability) for _ in range(500)]
    by_chance = reliability(probability, probability).error_by_chance

    assert by_chance > 0.04
    assert by_chance == pytest.approx(
        np.mean([diagram.expected_error for diagram in drawn]), rel=0.05
    )
