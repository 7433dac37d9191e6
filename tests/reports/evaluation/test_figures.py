from pathlib import Path

import numpy as np
import pytest
from made_rows import make_dataset, make_results, make_views
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from evaluation.boxes.froc import FROC_RATES, IOU_50
from evaluation.comparison import Comparison, compare
from evaluation.labels.classification import Units
from evaluation.rows import view_rows
from formats.coco import write_coco
from formats.labels import LABEL_COLOURS
from formats.results import write_results
from reports.colours import METHOD_COLOURS
from reports.evaluation.figures import (
    RATE_RANGE,
    draw_ages,
    draw_froc,
    draw_label_counts,
    draw_precision_recall,
    draw_receiver_curve,
    draw_reliability,
    precision_recall,
    step_counts,
)

TRUTH = np.array([2, 0, 2])
SCORE = np.array([0.9, 0.5, 0.5])
UNITS = Units(patient=np.arange(3), truth=TRUTH, called=TRUTH, tumour=SCORE, cancer=SCORE)
CASES = [(f"A_{n}", "LEFT", label) for n, label in enumerate(["Normal", "Benign", "Cancer"] * 2)]
METHODS = ["one", "two"]


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder: Path = tmp_path_factory.mktemp("figures")
    dataset = make_dataset(CASES)
    write_coco(dataset, folder / "test.json")
    for seed, name in enumerate(METHODS):
        write_results(make_results(dataset, name, seed), folder / f"{name}.json")
    paths = [folder / f"{name}.json" for name in METHODS]
    return compare(folder / "test.json", paths, None, None, resamples=30, seed=0)


def legend_of(figure: Figure) -> list[str]:
    legend = figure.axes[0].get_legend()
    return [text.get_text() for text in legend.get_texts()] if legend else []


def curves_of(figure: Figure) -> dict[str, np.ndarray]:
    """The (N, 2) points of the named curves."""
    lines = [line for line in figure.axes[0].lines if not line.get_label().startswith("_")]
    return {line.get_label(): line.get_xydata() for line in lines}


def test_curves_counted_by_hand() -> None:
    positives, negatives = step_counts(UNITS, "cancer")
    recall, precision = precision_recall(UNITS, "cancer")

    # One above 0.5, the other two together.
    assert positives.tolist() == [0, 1, 2]
    assert negatives.tolist() == [0, 0, 1]
    assert recall.tolist() == [0, 0.5, 1]
    assert precision.tolist() == [1, 1, pytest.approx(2 / 3)]


def test_froc_has_a_curve_and_its_intervals_for_each_method(comparison: Comparison) -> None:
    figure = draw_froc(comparison.methods, comparison.said, IOU_50)
    axes, curves = figure.axes[0], curves_of(figure)

    assert legend_of(figure) == list(curves) == METHODS
    assert [line.get_color() for line in axes.lines if line.get_label() in METHODS] == list(
        METHOD_COLOURS[:2]
    )
    assert (axes.get_xscale(), axes.get_xlim(), axes.get_ylim()) == ("log", RATE_RANGE, (0, 1))
    assert [tick.get_text() for tick in axes.get_xticklabels()][:3] == ["1/8", "1/4", "1/2"]
    # A curve, and a bar and a dot at each rate.
    assert len(axes.lines) == 2 * (1 + 2 * len(FROC_RATES))
    for method in comparison.methods:
        highest = curves[method.name][:, 1].max()
        froc = method.froc[IOU_50]
        assert highest == len(froc.ranking.hit_patient) / len(
            froc.targets["per_view", "all_lesions"].hit
        )


def test_receiver_curves_run_from_corner_to_corner(comparison: Comparison) -> None:
    figure = draw_receiver_curve(comparison.methods, "view", "cancer")
    curves = curves_of(figure)

    assert legend_of(figure) == list(curves) == METHODS
    for points in curves.values():
        assert points[0].tolist() == [0, 0]
        assert points[-1].tolist() == [1, 1]
    # The diagonal of a guess is there, and has no name.
    assert len(figure.axes[0].lines) == 3


def test_precision_recall_ends_at_the_part_of_positives(comparison: Comparison) -> None:
    curves = curves_of(draw_precision_recall(comparison.methods, "view", "cancer"))

    assert list(curves) == METHODS
    for points in curves.values():
        # Four of twelve views are cancers.
        assert points[-1].tolist() == [1, pytest.approx(4 / 12)]


def test_reliability_shows_the_filled_bins_alone(comparison: Comparison) -> None:
    figure = draw_reliability(comparison.methods, comparison.said, "view", "cancer")

    assert figure.axes[0].get_xlim() == figure.axes[0].get_ylim() == (0, 1)
    for method in comparison.methods:
        filled = len(np.unique(np.floor(method.units["view"].cancer * 10)))
        assert len(curves_of(figure)[method.name]) == filled


def test_class_balance_has_a_bar_for_each_unit_and_label() -> None:
    figure = draw_label_counts({"view": UNITS, "patient": UNITS})
    axes = figure.axes[0]

    assert legend_of(figure) == ["Normal", "Benign", "Cancer"]
    heights = {bars.get_label(): [bar.get_height() for bar in bars] for bars in axes.containers}
    assert heights == {"Normal": [1, 1], "Benign": [0, 0], "Cancer": [2, 2]}
    for bars in axes.containers:
        assert to_hex(bars[0].get_facecolor()) == LABEL_COLOURS[bars.get_label()]


def test_ages_are_drawn_where_any_is_known() -> None:
    dataset = make_dataset([("A_1", "LEFT", "Cancer"), ("A_2", "LEFT", "Normal")])
    figure = draw_ages(dataset.images, view_rows(dataset))

    assert figure is not None
    assert legend_of(figure) == ["Normal", "Cancer"]
    drawn = sum(bar.get_height() for bar in figure.axes[0].patches)
    assert drawn == 4
    for image in dataset.images:
        del image["age"]
    assert draw_ages(dataset.images, make_views([0, 0, 1, 1])) is None
