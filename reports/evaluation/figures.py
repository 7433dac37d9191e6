"""The figures of an evaluation."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.bootstrap import Estimate
from evaluation.boxes.froc import ALL_LESIONS, FROC_RATES, PER_VIEW, froc_curve
from evaluation.figure_keys import FigureKey, rate_key
from evaluation.labels.binary_scores import BIN_EDGES
from evaluation.labels.classification import BIN_KEYS, Units
from evaluation.method_figures import MatchedMethod
from evaluation.rows import UNNAMED, ViewRows
from formats.coco import CocoImage
from formats.labels import LABEL_COLOURS, LABELS
from reports.colours import REFERENCE_COLOUR
from reports.evaluation.wording import rate_name
from reports.style import (
    SMALL_FONT_POINTS,
    add_legend,
    draw_stacked_by_label,
    method_colours,
    new_axes,
)

RATE_RANGE = (0.06, 16.0)
AGE_BINS_YEARS = np.arange(20, 101, 5)

Estimates = dict[FigureKey, Estimate]


def draw_froc(
    methods: Sequence[MatchedMethod], said: dict[str, Estimates], criterion: str
) -> Figure:
    """Draw sensitivity against false positives a view; bars are 95 % intervals."""
    figure, axes = new_axes("False positives a view", "Sensitivity, lesions in views")
    for colour, method in zip(method_colours(), methods, strict=False):
        rate, found = froc_curve(method.froc[criterion], PER_VIEW, ALL_LESIONS)
        rate = rate.clip(RATE_RANGE[0])
        # Behind the last hit nothing more is found, unless boxes are not listed.
        if method.cut is None:
            rate = np.append(rate, RATE_RANGE[1])
            found = np.append(found, found[-1:] if len(found) else 0.0)
        axes.step(
            rate,
            found,
            where="post",
            color=colour,
            label=method.name,
        )
        marks = [
            said[method.name]["froc", criterion, PER_VIEW, ALL_LESIONS, rate_key(r)]
            for r in FROC_RATES
        ]
        _mark_intervals(axes, FROC_RATES, marks, colour)
    axes.set_xscale("log", base=2)
    axes.set_xticks(FROC_RATES, [rate_name(rate) for rate in FROC_RATES])
    axes.set_xlim(RATE_RANGE)
    axes.set_ylim(0, 1)
    add_legend(axes)
    return figure


def draw_precision_recall(methods: Sequence[MatchedMethod], unit: str, question: str) -> Figure:
    """Draw precision against recall of a yes-or-no question."""
    figure, axes = new_axes("Recall", "Precision")
    for colour, method in zip(method_colours(), methods, strict=False):
        recall, precision = precision_recall(method.units[unit], question)
        axes.step(recall, precision, where="pre", color=colour, label=method.name)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    add_legend(axes)
    return figure


def draw_receiver_curve(methods: Sequence[MatchedMethod], unit: str, question: str) -> Figure:
    """Draw the ROC curve of a yes-or-no question."""
    figure, axes = new_axes("1 - specificity", "Sensitivity")
    axes.plot([0, 1], [0, 1], color=REFERENCE_COLOUR, linewidth=1)
    for colour, method in zip(method_colours(), methods, strict=False):
        positives, negatives = step_counts(method.units[unit], question)
        if positives[-1] and negatives[-1]:
            axes.plot(
                negatives / negatives[-1],
                positives / positives[-1],
                color=colour,
                label=method.name,
            )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    add_legend(axes)
    return figure


def draw_reliability(
    methods: Sequence[MatchedMethod], said: dict[str, Estimates], unit: str, question: str
) -> Figure:
    """Draw how often what is given a probability is true; bars are 95 % intervals."""
    figure, axes = new_axes("Probability given", "Part that is true")
    axes.plot([0, 1], [0, 1], color=REFERENCE_COLOUR, linewidth=1)
    for colour, method in zip(method_colours(), methods, strict=False):
        key = ("classification", unit, "reliability", question)
        bins = [
            (said[method.name][*key, name, "mean_probability"].value, frequency)
            for name in BIN_KEYS
            if (frequency := said[method.name][*key, name, "frequency"]).value is not None
        ]
        probabilities = np.array([probability for probability, _ in bins], dtype=np.float64)
        frequencies = [frequency for _, frequency in bins]
        parts = np.array([frequency.value for frequency in frequencies], dtype=np.float64)
        axes.plot(probabilities, parts, color=colour, label=method.name, linewidth=1)
        _mark_intervals(axes, probabilities.tolist(), frequencies, colour)
    axes.set_xlim(0, 1)
    axes.set_xticks(BIN_EDGES[::2])
    axes.set_ylim(0, 1)
    add_legend(axes)
    return figure


def draw_label_counts(units: dict[str, Units]) -> Figure:
    """Draw how many views, breasts and patients have each label."""
    figure, axes = new_axes("", "Count")
    for place, label in enumerate(LABELS):
        counts = [int((of_unit.truth == place).sum()) for of_unit in units.values()]
        middle = np.arange(len(units)) + 0.27 * (place - 1)
        bars = axes.bar(middle, counts, 0.25, color=LABEL_COLOURS[label], label=label)
        axes.bar_label(bars, fontsize=SMALL_FONT_POINTS)
    axes.set_xticks(range(len(units)), [f"{name}s" for name in units])
    add_legend(axes)
    return figure


def draw_ages(images: Sequence[CocoImage], views: ViewRows) -> Figure | None:
    """Draw the views' ages by label; None where no age is known."""
    known = [
        (image["age"], LABELS[label])
        for image, label in zip(images, views.label, strict=True)
        if image.get("age") and label != UNNAMED
    ]
    if not known:
        return None
    figure, axes = new_axes("Age in years", "Views")
    ages = {name: [age for age, label in known if label == name] for name in LABELS}
    draw_stacked_by_label(axes, ages, AGE_BINS_YEARS)
    add_legend(axes)
    return figure


def _mark_intervals(axes: Axes, x: Sequence[float], marks: Sequence[Estimate], colour: str) -> None:
    for place, mark in zip(x, marks, strict=True):
        if mark.value is not None and mark.low is not None and mark.high is not None:
            axes.plot([place, place], [mark.low, mark.high], color=colour, alpha=0.5, linewidth=1)
            axes.plot([place], [mark.value], "o", color=colour, markersize=3)


def step_counts(units: Units, question: str) -> tuple[np.ndarray, np.ndarray]:
    """Return how many positives and negatives score at least each distinct score, from none on."""
    score, is_positive = units.probability(question), units.is_positive(question)
    order = np.argsort(-score, kind="stable")
    last_of_score = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    positives = np.cumsum(is_positive[order])[last_of_score]
    negatives = last_of_score + 1 - positives
    return np.append(0, positives), np.append(0, negatives)


def precision_recall(units: Units, question: str) -> tuple[np.ndarray, np.ndarray]:
    """Return recall and precision at each distinct score, none where there are no positives."""
    positives, negatives = step_counts(units, question)
    if not positives[-1]:
        return np.zeros(0), np.zeros(0)
    precision = positives[1:] / (positives + negatives)[1:]
    return np.append(0, positives[1:] / positives[-1]), np.append(precision[:1], precision)
