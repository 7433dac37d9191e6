"""How often what is called probable is true, before and after a temperature.

Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from evaluation.binary_scores import BIN_EDGES, probability_bin

SIZE_INCHES = (5.0, 4.0)
DOTS_PER_INCH = 120
COLOURS = {"before": "#d55e00", "after": "#0072b2"}


@dataclass(frozen=True)
class Reliability:
    """A reliability diagram: B bins of probability, some of them perhaps empty."""

    count: np.ndarray
    """(B,) answers in each bin."""
    mean_probability: np.ndarray
    """(B,) of the answers in each bin; NaN in an empty one."""
    frequency: np.ndarray
    """(B,) share of the answers that are true; NaN in an empty bin."""

    @property
    def expected_error(self) -> float:
        """The bins' mean distance of probability and frequency, weighted by their answers."""
        distance = np.abs(self.mean_probability - self.frequency)
        return float(np.nansum(distance * self.count) / self.count.sum())


def reliability(probability: np.ndarray, is_true: np.ndarray) -> Reliability:
    """Bin (N,) probabilities and whether each came true."""
    place = probability_bin(probability)
    bins = len(BIN_EDGES) - 1
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        return Reliability(
            count,
            np.bincount(place, probability, bins) / count,
            np.bincount(place, is_true, bins) / count,
        )


def draw_before_and_after(before: Reliability, after: Reliability, path: Path) -> None:
    """Draw two reliability diagrams of cancer into a PNG."""
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1)
    for (name, colour), part in zip(COLOURS.items(), (before, after), strict=True):
        filled = part.count > 0
        axes.plot(
            part.mean_probability[filled],
            part.frequency[filled],
            marker="o",
            color=colour,
            label=f"{name}: expected error {part.expected_error:.3f}",
        )
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="Given probability of cancer")
    axes.set_ylabel("Frequency of cancer among lesions")
    axes.legend()
    figure.savefig(path, dpi=DOTS_PER_INCH)
