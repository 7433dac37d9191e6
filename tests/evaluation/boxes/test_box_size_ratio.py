import numpy as np
import pytest

from evaluation.bootstrap import Estimate
from evaluation.boxes.box_size_ratio import differs_noticeably, size_ratio_numbers, size_ratios
from evaluation.boxes.centre_pairs import CentrePairs


def pairs(patient: list[int], found: list[float], drawn: list[float]) -> CentrePairs:
    """Boxes of these widths, and all 30 high where the truth is 20."""
    return CentrePairs(
        patient=np.array(patient, dtype=np.int64),
        found_size_px=np.stack([found, np.full(len(found), 30.0)], axis=1),
        drawn_size_px=np.stack([drawn, np.full(len(drawn), 20.0)], axis=1),
        film_size_px=np.full((len(found), 2), 100.0),
    )


def test_medians_by_hand_under_any_weights() -> None:
    ratios = size_ratios(pairs([0, 0, 1, 2], [10, 20, 30, 40], [10, 10, 10, 10]))
    weights = np.array([[1, 1, 1], [2, 0, 1], [0, 0, 2], [0, 3, 1]])

    numbers = size_ratio_numbers(ratios, weights)

    # 1 2 3 4; 1 1 2 2 4; 4 4; 3 3 3 4.
    assert numbers["width"].tolist() == [2.5, 2, 4, 3]
    assert numbers["height"].tolist() == [1.5] * 4


def test_a_resample_without_a_pair_has_no_median() -> None:
    ratios = size_ratios(pairs([1], [10], [10]))

    assert np.isnan(size_ratio_numbers(ratios, np.array([[1, 0]]))["width"]).all()
    nothing = size_ratios(pairs([], [], []))
    assert np.isnan(size_ratio_numbers(nothing, np.ones((2, 1)))["height"]).all()


@pytest.mark.parametrize(
    ("ratio", "differs"),
    [
        ((0.6, 0.5, 0.7), True),
        ((1.8, 1.5, 2.2), True),
        # Near 1, however certain; far from 1, but not certain; not known.
        ((0.95, 0.94, 0.96), False),
        ((0.6, 0.3, 1.1), False),
        ((None, None, None), False),
        ((1.5, None, None), False),
        # On the line itself.
        ((1.2, 1.1, 1.3), False),
        ((1 / 1.2, 0.7, 0.9), False),
        ((1.5, 1.0, 2.0), False),
        ((0.6, 0.5, 1.0), False),
    ],
)
def test_only_what_is_large_and_certain_is_warned_of(
    ratio: tuple[float | None, float | None, float | None], differs: bool
) -> None:
    value, low, high = ratio
    assert differs_noticeably(Estimate(value=value, low=low, high=high)) == differs
