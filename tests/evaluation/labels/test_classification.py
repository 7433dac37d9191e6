import numpy as np
import pytest
from made_rows import make_views
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, precision_score

from evaluation.labels.classification import (
    Units,
    classification_numbers,
    confusion_numbers,
    count_units,
    group_units,
)
from evaluation.rows import ViewPredictions

NORMAL, BENIGN, CANCER = range(3)


def test_a_breast_and_a_patient_are_their_worst_view() -> None:
    views = make_views([0, 0, 0, 1], breast=[0, 0, 1, 2])
    views.label[:] = [NORMAL, BENIGN, NORMAL, CANCER]
    said = ViewPredictions(
        label=np.array([CANCER, NORMAL, NORMAL, BENIGN]),
        tumour=np.array([0.9, 0.3, 0.4, 0.8]),
        cancer=np.array([0.5, 0.2, 0.3, 0.1]),
    )
    units = group_units(views, said)

    assert units["view"].truth.tolist() == views.label.tolist()
    assert units["breast"].patient.tolist() == [0, 0, 1]
    assert units["breast"].truth.tolist() == [BENIGN, NORMAL, CANCER]
    assert units["breast"].called.tolist() == [CANCER, NORMAL, BENIGN]
    assert units["breast"].tumour.tolist() == [0.9, 0.4, 0.8]
    assert units["patient"].truth.tolist() == [BENIGN, CANCER]
    assert units["patient"].cancer.tolist() == [0.5, 0.1]


def test_agrees_with_scikit_learn_under_weights() -> None:
    random = np.random.default_rng(0)
    truth, called, patient = (random.integers(0, n, 90) for n in (3, 3, 12))
    tumour = random.uniform(size=90)
    weights = random.integers(0, 3, 12).astype(float)
    units = Units(patient=patient, truth=truth, called=called, tumour=tumour, cancer=tumour / 2)
    numbers = classification_numbers(count_units(units, 12), weights[None])
    given = {"y_true": truth, "y_pred": called, "sample_weight": weights[patient]}

    assert numbers["accuracy",][0] == pytest.approx(accuracy_score(**given))
    assert numbers["balanced_accuracy",][0] == pytest.approx(balanced_accuracy_score(**given))
    assert numbers["macro_f1",][0] == pytest.approx(f1_score(**given, average="macro"))
    assert numbers["precision", "cancer"][0] == pytest.approx(
        precision_score(**given, labels=[CANCER], average="macro")
    )


def test_confusion_counted_by_hand() -> None:
    confusion = np.array([[[3.0, 1, 0], [0, 0, 0], [2, 0, 4]]])
    numbers = {key: values[0] for key, values in confusion_numbers(confusion).items()}

    assert numbers["accuracy",] == 7 / 10
    assert numbers["confusion_rows", "normal", "benign"] == 1 / 4
    assert np.isnan(numbers["confusion_rows", "benign", "normal"])
    # No benign unit: the mean of the other two.
    assert numbers["balanced_accuracy",] == pytest.approx((3 / 4 + 4 / 6) / 2)
    # But one was called benign, so its F1 is 0.
    assert numbers["macro_f1",] == pytest.approx((6 / 9 + 0 + 8 / 10) / 3)
    assert numbers["precision", "benign"] == 0


def test_calibration_counted_by_hand() -> None:
    patient = np.zeros(4, dtype=np.int64)
    truth = np.array([CANCER, NORMAL, BENIGN, CANCER])
    probability = np.array([0.82, 0.88, 0.21, 0.23])
    units = Units(
        patient=patient, truth=truth, called=truth, tumour=probability, cancer=probability
    )
    numbers = classification_numbers(count_units(units, 1), np.ones((1, 1)))

    # Cancer: of the two at 0.85 on average one is, of the two at 0.22 one is.
    assert numbers["reliability", "cancer", "from_0_8_to_0_9", "mean_probability"][
        0
    ] == pytest.approx(0.85)
    assert numbers["reliability", "cancer", "from_0_8_to_0_9", "frequency"][0] == 0.5
    assert np.isnan(numbers["reliability", "cancer", "from_0_0_to_0_1", "frequency"][0])
    assert numbers["calibration_error", "cancer"][0] == pytest.approx((0.35 + 0.28) / 2)
    by_chance = np.sqrt(
        2 / np.pi * np.array([0.82 * 0.18 + 0.88 * 0.12, 0.21 * 0.79 + 0.23 * 0.77])
    )
    assert numbers["calibration_error_by_chance", "cancer"][0] == pytest.approx(by_chance.sum() / 4)
    twice = classification_numbers(count_units(units, 1), np.full((1, 1), 2.0))
    assert twice["calibration_error_by_chance", "cancer"] == pytest.approx(by_chance.sum() / 4)
    # Tumour: both at 0.22 are.
    assert numbers["calibration_error", "tumour"][0] == pytest.approx((0.35 + 0.78) / 2)
