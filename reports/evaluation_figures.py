"""The report's figures, each an SVG that stands in the page itself."""

import base64
import io
from collections.abc import Sequence
from itertools import cycle

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.binary_scores import BIN_EDGES
from evaluation.bootstrap import Estimate
from evaluation.classification import BIN_KEYS, Units
from evaluation.figure_keys import FigureKey, rate_key
from evaluation.froc import ALL_LESIONS, PER_VIEW, RATES, froc_curve
from evaluation.method_figures import MatchedMethod
from evaluation.rows import ViewRows
from formats.coco import LABELS, CocoImage
from reports.wording import rate_name

# Okabe and Ito's colours, told apart by most colour-blind people.
METHOD_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
LABEL_COLOURS = dict(zip(LABELS, ("#7f7f7f", "#009fe6", "#d55e00"), strict=True))
SIZE_INCHES = (4.6, 3.5)
RATE_RANGE = (0.06, 16.0)
AGE_BINS_YEARS = np.arange(20, 101, 5)

Estimates = dict[FigureKey, Estimate]


def draw_froc(methods: Sequence[MatchedMethod], said: dict[str, Estimates], criterion: str) -> str:
    """Draw sensitivity against false positives a view; bars are 95 % intervals."""
    figure, axes = _axes("False positives a view", "Sensitivity, lesions in views")
    for colour, method in zip(cycle(METHOD_COLOURS), methods, strict=False):
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
            said[method.name]["froc", criterion, PER_VIEW, ALL_LESIONS, rate_key(r)] for r in RATES
        ]
        _mark_intervals(axes, RATES, marks, colour)
    axes.set_xscale("log", base=2)
    axes.set_xticks(RATES, [rate_name(rate) for rate in RATES])
    axes.set_xlim(RATE_RANGE)
    axes.set_ylim(0, 1)
    return _svg(figure, axes)


def draw_precision_recall(methods: Sequence[MatchedMethod], unit: str, question: str) -> str:
    """Draw precision against recall of a yes-or-no question."""
    figure, axes = _axes("Recall", "Precision")
    for colour, method in zip(cycle(METHOD_COLOURS), methods, strict=False):
        recall, precision = precision_recall(method.units[unit], question)
        axes.step(recall, precision, where="pre", color=colour, label=method.name)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    return _svg(figure, axes)


def draw_receiver_curve(methods: Sequence[MatchedMethod], unit: str, question: str) -> str:
    """Draw the ROC curve of a yes-or-no question."""
    figure, axes = _axes("1 - specificity", "Sensitivity")
    axes.plot([0, 1], [0, 1], color="#bbbbbb", linewidth=1)
    for colour, method in zip(cycle(METHOD_COLOURS), methods, strict=False):
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
    return _svg(figure, axes)


def draw_reliability(
    methods: Sequence[MatchedMethod], said: dict[str, Estimates], unit: str, question: str
) -> str:
    """Draw how often what is given a probability is true; bars are 95 % intervals."""
    figure, axes = _axes("Probability given", "Part that is true")
    axes.plot([0, 1], [0, 1], color="#bbbbbb", linewidth=1)
    for colour, method in zip(cycle(METHOD_COLOURS), methods, strict=False):
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
    return _svg(figure, axes)


def draw_class_balance(units: dict[str, Units]) -> str:
    """Draw how many views, breasts and patients have each label."""
    figure, axes = _axes("", "Count")
    for place, label in enumerate(LABELS):
        counts = [int((of_unit.truth == place).sum()) for of_unit in units.values()]
        middle = np.arange(len(units)) + 0.27 * (place - 1)
        bars = axes.bar(middle, counts, 0.25, color=LABEL_COLOURS[label], label=label)
        axes.bar_label(bars, fontsize=8)
    axes.set_xticks(range(len(units)), [f"{name}s" for name in units])
    return _svg(figure, axes)


def draw_ages(images: Sequence[CocoImage], views: ViewRows) -> str | None:
    """Draw the views' ages by label; None where no age is known."""
    known = [
        (image["age"], LABELS[label])
        for image, label in zip(images, views.label, strict=True)
        if image.get("age")
    ]
    if not known:
        return None
    figure, axes = _axes("Age in years", "Views")
    ages = [[age for age, label in known if label == name] for name in LABELS]
    axes.hist(
        ages,
        bins=AGE_BINS_YEARS.tolist(),
        stacked=True,
        color=[LABEL_COLOURS[name] for name in LABELS],
        label=[
            f"{name}, mean {np.mean(of_label):.1f}" if of_label else name
            for name, of_label in zip(LABELS, ages, strict=True)
        ],
    )
    return _svg(figure, axes)


def _axes(x_label: str, y_label: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE_INCHES)
    # Fixed margins: measuring every text for a layout takes as long as drawing.
    figure.subplots_adjust(left=0.13, right=0.96, bottom=0.14, top=0.96)
    axes = figure.add_subplot()
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(color="#e6e6e6", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


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


def _svg(figure: Figure, axes: Axes) -> str:
    """Return the figure as a data address; the same figure always gives the same bytes."""
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8, frameon=False)
    drawn = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "report"}):
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode("ascii")
