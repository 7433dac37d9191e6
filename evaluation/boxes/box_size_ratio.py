"""Whether boxes and truth are drawn differently: then IoU measures drawing habits.

Found boxes and lesions are paired by their middles, so that the pairs do not depend on how either
is drawn.
"""

from dataclasses import dataclass

import numpy as np

from evaluation.bootstrap import Estimate
from evaluation.boxes.centre_pairs import CentrePairs

WIDTH = "width"
HEIGHT = "height"
SIDES = (WIDTH, HEIGHT)
# Two boxes with one middle, one of them so many times as wide and as high, have IoU 0.69.
NOTICEABLE_RATIO = 1.2


@dataclass(frozen=True)
class SizeRatios:
    """How large found boxes are against the lesions' own."""

    patient: np.ndarray
    """(K,) index of the patient."""
    ratio: np.ndarray
    """(K, 2) found by drawn width and height."""


def size_ratios(pairs: CentrePairs) -> SizeRatios:
    """Compare the sizes of paired boxes."""
    return SizeRatios(pairs.patient, pairs.found_size_px / pairs.drawn_size_px)


def size_ratio_numbers(ratios: SizeRatios, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return the (R,) median ratios of `SIDES` under (R, P) patient weights; NaN without pairs."""
    return {
        side: _weighted_medians(ratios.ratio[:, column], weights[:, ratios.patient])
        for column, side in enumerate(SIDES)
    }


def differs_noticeably(ratio: Estimate) -> bool:
    """Whether a median ratio is far from 1 and its interval leaves 1 out."""
    if ratio.value is None or ratio.low is None or ratio.high is None:
        return False
    is_far = not 1 / NOTICEABLE_RATIO <= ratio.value <= NOTICEABLE_RATIO
    return is_far and not ratio.low <= 1 <= ratio.high


def _weighted_medians(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the (R,) medians of (K,) values that count (R, K) times each."""
    if not len(values):
        return np.full(len(weights), np.nan)
    order = np.argsort(values)
    ordered, counts = values[order], np.cumsum(weights[:, order], axis=1)
    half = counts[:, -1:] / 2
    # Of an even count, the mean of the middle two.
    lower, upper = ((counts < half).sum(axis=1), (counts <= half).sum(axis=1))
    last = len(values) - 1
    medians = (ordered[lower.clip(max=last)] + ordered[upper.clip(max=last)]) / 2
    return np.where(counts[:, -1] > 0, medians, np.nan)
