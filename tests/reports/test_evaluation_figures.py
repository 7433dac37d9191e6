import base64
from xml.etree import ElementTree

import numpy as np
import pytest
from made_rows import make_dataset, make_views

from evaluation.classification import Units
from evaluation.rows import view_rows
from reports.evaluation_figures import draw_ages, draw_class_balance, precision_recall, step_counts

TRUTH = np.array([2, 0, 2])
SCORE = np.array([0.9, 0.5, 0.5])
UNITS = Units(patient=np.arange(3), truth=TRUTH, called=TRUTH, tumour=SCORE, cancer=SCORE)


def test_curves_counted_by_hand() -> None:
    positives, negatives = step_counts(UNITS, "cancer")
    recall, precision = precision_recall(UNITS, "cancer")

    # One above 0.5, the other two together.
    assert positives.tolist() == [0, 1, 2]
    assert negatives.tolist() == [0, 0, 1]
    assert recall.tolist() == [0, 0.5, 1]
    assert precision.tolist() == [1, 1, pytest.approx(2 / 3)]


def test_figures_are_images_of_their_own_and_the_same_each_time() -> None:
    prefix, _, drawn = draw_class_balance({"view": UNITS}).partition(",")
    root = ElementTree.fromstring(base64.b64decode(drawn))

    assert prefix == "data:image/svg+xml;base64"
    assert root.tag.endswith("svg")
    assert draw_class_balance({"view": UNITS}) == draw_class_balance({"view": UNITS})


def test_ages_are_drawn_where_any_is_known() -> None:
    dataset = make_dataset([("A_1", "LEFT", "Cancer")])
    assert draw_ages(dataset.images, view_rows(dataset)) is not None

    for image in dataset.images:
        del image["age"]
    assert draw_ages(dataset.images, make_views([0, 0])) is None
