"""A data set's statistics as figures: ages, and the balance of its classes."""

import io
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from formats.coco import LABELS

COLOURS = {"Normal": "#4c78a8", "Benign": "#eeca3b", "Cancer": "#e45756"}
SIZE_INCHES = (6.4, 3.6)
MARGINS = {"left": 0.12, "right": 0.98, "bottom": 0.15, "top": 0.95}
DOTS_PER_INCH = 100
AGE_BIN_YEARS = 5
# Normal views outnumber the others; one in four of them leaves the classes about even.
NORMALS_PER_KEPT = 4


def balanced(counts: Mapping[str, int]) -> dict[str, int]:
    """Thin the normal views to one in four."""
    kept_normals = -(-counts["Normal"] // NORMALS_PER_KEPT)
    return {**counts, "Normal": kept_normals}


def age_distribution(ages_by_status: Mapping[str, Sequence[float]]) -> bytes:
    """Draw the patients' ages, stacked by status, as a PNG."""
    figure, axes = _axes("Age in years", "Patients")
    ages = [ages_by_status[status] for status in LABELS]
    known = np.concatenate([np.asarray(values, float) for values in ages])
    if known.size:
        edges = np.arange(*_bin_range(known), AGE_BIN_YEARS).tolist()
        colours = [COLOURS[status] for status in LABELS]
        axes.hist(ages, bins=edges, stacked=True, color=colours, label=list(LABELS))
        axes.legend(frameon=False)
    return _png(figure)


def mean_age(ages_by_status: Mapping[str, Sequence[float]]) -> bytes:
    """Draw the patients' mean age by status, with its standard deviation, as a PNG."""
    figure, axes = _axes("Status", "Mean age in years")
    for place, status in enumerate(LABELS):
        ages = np.asarray(ages_by_status[status], float)
        if ages.size:
            axes.bar(place, ages.mean(), yerr=ages.std(), capsize=4, color=COLOURS[status])
            axes.text(place, 1, f"{ages.mean():.1f}\nn = {ages.size}", ha="center", va="bottom")
    axes.set_xticks(range(len(LABELS)), LABELS)
    return _png(figure)


def class_balance(counts: Mapping[str, int]) -> bytes:
    """Draw the number of views by label before and after thinning the normal ones, as a PNG."""
    figure, axes = _axes("", "Views")
    groups = {"before balancing": counts, "after (normals one in four)": balanced(counts)}
    width = 0.26
    for place, label in enumerate(LABELS):
        heights = [group[label] for group in groups.values()]
        x = np.arange(len(groups)) + (place - 1) * width
        bars = axes.bar(x, heights, width, color=COLOURS[label], label=label)
        axes.bar_label(bars)
    axes.set_xticks(np.arange(len(groups)), list(groups))
    axes.legend(frameon=False)
    return _png(figure)


def _bin_range(ages: np.ndarray) -> tuple[float, float]:
    low = np.floor(ages.min() / AGE_BIN_YEARS) * AGE_BIN_YEARS
    return low, ages.max() + 2 * AGE_BIN_YEARS


def _axes(x_label: str, y_label: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE_INCHES)
    # Fixed margins: fitting them would draw every figure twice.
    figure.subplots_adjust(**MARGINS)
    axes = figure.add_subplot(xlabel=x_label, ylabel=y_label)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _png(figure: Figure) -> bytes:
    stream = io.BytesIO()
    # The library's version does not belong in the file.
    figure.savefig(stream, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return stream.getvalue()
