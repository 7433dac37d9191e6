from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex
from views import make_lesion, make_view

from formats.labels import LABEL_COLOURS
from reports.conversion.figures import (
    balanced,
    draw_age_distribution,
    draw_class_balance,
    draw_lesion_sizes,
    draw_mean_age,
)

AGES = {"Normal": [50.0, 61.0], "Benign": [45.0], "Cancer": [70.0, 71.0, 90.0]}
NO_AGES: dict[str, list[float]] = {"Normal": [], "Benign": [], "Cancer": []}
COUNTS = {"Normal": 9, "Benign": 3, "Cancer": 2}


def test_normals_are_thinned_to_one_in_four() -> None:
    assert balanced(COUNTS) == {"Normal": 3, "Benign": 3, "Cancer": 2}
    assert balanced({"Normal": 0, "Benign": 1, "Cancer": 1})["Normal"] == 0


def test_each_patient_is_in_the_bin_of_its_age() -> None:
    axes = draw_age_distribution(AGES).axes[0]
    drawn: dict[str, dict[float, float]] = {label: {} for label in LABEL_COLOURS}
    label_of = {colour: label for label, colour in LABEL_COLOURS.items()}
    for bar in axes.patches:
        if bar.get_height():
            drawn[label_of[to_hex(bar.get_facecolor())]][bar.get_x()] = bar.get_height()

    assert drawn == {
        "Normal": {50: 1, 60: 1},
        "Benign": {45: 1},
        "Cancer": {70: 2, 90: 1},
    }
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(LABEL_COLOURS)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Age in years", "Patients")


def test_mean_and_deviation_of_each_status_are_drawn() -> None:
    axes = draw_mean_age(AGES).axes[0]

    assert [bar.get_height() for bar in axes.patches] == [55.5, 45, 77]
    assert [text.get_text() for text in axes.texts] == ["55.5\nn = 2", "45.0\nn = 1", "77.0\nn = 3"]
    bars = [container[1] for container in axes.containers if hasattr(container, "has_xerr")]
    low, high = bars[0][0].get_ydata()[0], bars[0][1].get_ydata()[0]
    assert (high - low) / 2 == pytest.approx(np.std(AGES["Normal"]))


def test_without_ages_the_axes_are_empty() -> None:
    assert not draw_age_distribution(NO_AGES).axes[0].patches
    assert not draw_mean_age(NO_AGES).axes[0].patches


def test_labels_before_and_after_thinning() -> None:
    axes = draw_class_balance(COUNTS).axes[0]

    heights = {bars.get_label(): [bar.get_height() for bar in bars] for bars in axes.containers}
    assert heights == {"Normal": [9, 3], "Benign": [3, 3], "Cancer": [2, 2]}
    assert len(axes.get_xticklabels()) == 2


def test_lesions_stand_at_their_part_of_the_view() -> None:
    # 20 x 30 of 160 x 240 pixels are 1.5625 percent.
    views = [
        make_view("A_0001", "Cancer", lesions=[make_lesion("Cancer"), make_lesion("Benign")]),
        make_view(
            "A_0002", "Cancer", lesions=[replace(make_lesion("Cancer"), bbox_xywh=(0, 0, 1, 1))]
        ),
    ]
    axes = draw_lesion_sizes(views).axes[0]
    drawn = {
        (label, bar.get_x(), bar.get_x() + bar.get_width()): bar.get_height()
        for label, colour in LABEL_COLOURS.items()
        for bar in axes.patches
        if bar.get_height() and to_hex(bar.get_facecolor()) == colour
    }

    assert sum(drawn.values()) == 3
    in_bin = {label for label, low, high in drawn if low <= 1.5625 < high}
    assert in_bin == {"Benign", "Cancer"}
    # Smaller than the axis is in its first bin.
    assert axes.get_xlim()[0] == pytest.approx(min(low for _, low, _ in drawn))
    # Where the evaluation divides small, medium and large.
    assert [line.get_xdata()[0] for line in axes.lines] == [0.5, 1.0]
    assert axes.get_xscale() == "log"
