"""A data set's statistics as figures: ages, labels, and the sizes of lesions."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from converters.records import View
from evaluation.boxes.froc import SIZE_BOUNDS
from formats.labels import LABEL_COLOURS, LABELS, SEVERITY
from reports.colours import REFERENCE_COLOUR
from reports.style import (
    SMALL_FONT_POINTS,
    add_legend,
    draw_stacked_by_label,
    new_axes,
)

AGE_BIN_YEARS = 5
# Boxes from 1/64 to 16 percent of their view, each bin half a doubling.
SIZE_EDGES_PERCENT = 2.0 ** np.arange(-6, 4.5, 0.5)
# Normal views outnumber the others; one in four of them leaves the classes about even.
NORMALS_PER_KEPT = 4


def balanced(counts: Mapping[str, int]) -> dict[str, int]:
    """Thin the normal views to one in four."""
    kept_normals = -(-counts["Normal"] // NORMALS_PER_KEPT)
    return {**counts, "Normal": kept_normals}


def draw_age_distribution(ages_by_status: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the patients' ages, stacked by status."""
    figure, axes = new_axes("Age in years", "Patients")
    known = np.concatenate([np.asarray(ages_by_status[status], float) for status in LABELS])
    if known.size:
        lowest = np.floor(known.min() / AGE_BIN_YEARS) * AGE_BIN_YEARS
        edges = np.arange(lowest, known.max() + 2 * AGE_BIN_YEARS, AGE_BIN_YEARS)
        draw_stacked_by_label(axes, ages_by_status, edges)
    add_legend(axes)
    return figure


def draw_mean_age(ages_by_status: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the patients' mean age by status, with its standard deviation."""
    figure, axes = new_axes("Status", "Mean age in years")
    for place, status in enumerate(LABELS):
        ages = np.asarray(ages_by_status[status], float)
        if ages.size:
            axes.bar(place, ages.mean(), yerr=ages.std(), capsize=4, color=LABEL_COLOURS[status])
            axes.text(place, 1, f"{ages.mean():.1f}\nn = {ages.size}", ha="center", va="bottom")
    axes.set_xticks(range(len(LABELS)), LABELS)
    return figure


def draw_class_balance(counts: Mapping[str, int]) -> Figure:
    """Draw the number of views by label before and after thinning the normal ones."""
    figure, axes = new_axes("", "Views")
    groups = {"before balancing": counts, "after (normals one in four)": balanced(counts)}
    width = 0.26
    for place, label in enumerate(LABELS):
        heights = [group[label] for group in groups.values()]
        x = np.arange(len(groups)) + (place - 1) * width
        bars = axes.bar(x, heights, width, color=LABEL_COLOURS[label], label=label)
        axes.bar_label(bars, fontsize=SMALL_FONT_POINTS)
    axes.set_xticks(np.arange(len(groups)), list(groups))
    add_legend(axes)
    return figure


def draw_lesion_sizes(views: Sequence[View]) -> Figure:
    """Draw the lesions' boxes as parts of their views, stacked by label.

    The lines stand where the evaluation divides small, medium and large.
    """
    figure, axes = new_axes("Box, in percent of the view", "Lesions")
    percents: dict[str, list[float]] = {label: [] for label in SEVERITY}
    for view in views:
        for lesion in view.lesions:
            width_px, height_px = lesion.bbox_xywh[2:]
            part = width_px * height_px / (view.width_px * view.height_px)
            percents[lesion.label].append(100 * part)
    lowest, highest = SIZE_EDGES_PERCENT[0], SIZE_EDGES_PERCENT[-1]
    within = {label: np.clip(values, lowest, highest) for label, values in percents.items()}
    draw_stacked_by_label(axes, {k: v.tolist() for k, v in within.items()}, SIZE_EDGES_PERCENT)
    for bound, _ in list(SIZE_BOUNDS.values())[1:]:
        axes.axvline(100 * bound, color=REFERENCE_COLOUR, linestyle="--", linewidth=1)
    axes.set_xscale("log", base=2)
    axes.set_xlim(lowest, highest)
    ticks = SIZE_EDGES_PERCENT[::4]
    axes.set_xticks(ticks, [f"{tick:g}" if tick >= 1 else f"1/{1 / tick:g}" for tick in ticks])
    add_legend(axes)
    return figure
