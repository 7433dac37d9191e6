"""How often what is called probable is true: bins of probability, and their expected error.

Sources: Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
binning", AAAI 2015; Guo et al., "On Calibration of Modern Neural Networks", ICML 2017; of the error
by chance, Bröcker and Smith, "Increasing the Reliability of Reliability Diagrams", Weather and
Forecasting 2007.
"""

from dataclasses import dataclass

import numpy as np

from evaluation.labels.binary_scores import BIN_COUNT, probability_bin


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """Reliability diagrams of B bins each, some of them perhaps empty.

    All arrays are (..., B): one diagram, or one for each resample.
    """

    count: np.ndarray
    """Answers in each bin."""
    probability_sum: np.ndarray
    """Of the answers in each bin."""
    true_count: np.ndarray
    """Answers in each bin that are true."""
    true_count_variance: np.ndarray
    """Of the answers that would be true in each bin, were each as often true as it was given."""

    @property
    def mean_probability(self) -> np.ndarray:
        """(..., B) of the answers in each bin; NaN in an empty one."""
        with np.errstate(invalid="ignore"):
            return self.probability_sum / self.count

    @property
    def frequency(self) -> np.ndarray:
        """(..., B) share of the answers that are true; NaN in an empty bin."""
        with np.errstate(invalid="ignore"):
            return self.true_count / self.count

    @property
    def expected_error(self) -> np.ndarray:
        """(...) the bins' mean distance of probability and frequency, weighted by their answers."""
        distance = np.abs(self.probability_sum - self.true_count).sum(axis=-1)
        with np.errstate(invalid="ignore"):
            return distance / self.count.sum(axis=-1)

    @property
    def error_by_chance(self) -> np.ndarray:
        """(...) the expected error that true probabilities would have in the mean.

        Even they miss the frequencies of a few answers; only an error well above this says that
        probabilities are wrong. The distance in a bin is taken as normally distributed.
        """
        distance = np.sqrt(2 / np.pi * self.true_count_variance).sum(axis=-1)
        with np.errstate(invalid="ignore"):
            return distance / self.count.sum(axis=-1)


def reliability(probability: np.ndarray, is_true: np.ndarray) -> Reliability:
    """Bin (N,) probabilities and whether each came true, into one diagram."""
    place = probability_bin(probability)
    return Reliability(
        count=np.bincount(place, minlength=BIN_COUNT),
        probability_sum=np.bincount(place, probability, BIN_COUNT),
        true_count=np.bincount(place, is_true, BIN_COUNT),
        true_count_variance=np.bincount(place, probability * (1 - probability), BIN_COUNT),
    )
