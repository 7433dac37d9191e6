"""Normal, Benign or Cancer: figures for whole views, breasts and patients."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from evaluation.figure_keys import LABEL_KEYS, FigureKey, range_key
from evaluation.labels.binary_scores import (
    BIN_EDGES,
    ScoreCounts,
    area_under_curve,
    average_precision_of_scores,
    count_by_bin,
    count_by_score,
    probability_bin,
)
from evaluation.labels.reliability import Reliability
from evaluation.means import mean_of_defined
from evaluation.rows import UNNAMED, ViewPredictions, ViewRows
from formats.labels import LABELS

NORMAL, BENIGN, CANCER = range(len(LABELS))
UNITS = ("view", "breast", "patient")
TUMOUR_QUESTION = "tumour"
CANCER_QUESTION = "cancer"
# Turns labels into an order from the mildest to the worst, and back: `UNNAMED` before Cancer.
UNNAMED_SORT = np.array([NORMAL, BENIGN, UNNAMED, CANCER])
BIN_KEYS = tuple(range_key(low, high) for low, high in pairwise(BIN_EDGES))


@dataclass(frozen=True, kw_only=True)
class Units:
    """U views, breasts or patients: the truth, and what a method says."""

    patient: np.ndarray
    """(U,) index of the patient."""
    truth: np.ndarray
    """(U,) index into `LABELS`, or `UNNAMED`."""
    called: np.ndarray
    """(U,) index into `LABELS`."""
    tumour: np.ndarray
    """(U,) probability."""
    cancer: np.ndarray
    """(U,) probability."""

    def named(self) -> "Units":
        """Keep the units whose label is known."""
        keep = self.truth != UNNAMED
        return Units(
            patient=self.patient[keep],
            truth=self.truth[keep],
            called=self.called[keep],
            tumour=self.tumour[keep],
            cancer=self.cancer[keep],
        )

    def is_positive(self, question: str) -> np.ndarray:
        """Return the (U,) true answers to `tumour` or `cancer`."""
        return self.truth == CANCER if question == CANCER_QUESTION else self.truth != NORMAL

    def probability(self, question: str) -> np.ndarray:
        """Return the (U,) given answers to `tumour` or `cancer`."""
        return self.cancer if question == CANCER_QUESTION else self.tumour


@dataclass(frozen=True, kw_only=True)
class QuestionCounts:
    """A yes-or-no question's answers, by score and by bin."""

    by_score: ScoreCounts
    by_bin: ScoreCounts
    probability_sum: np.ndarray
    """(P, B) summed probability of each patient's units in each bin."""
    true_count_variance: np.ndarray
    """(P, B) of each patient's units in each bin, were they as often positive as was given."""


@dataclass(frozen=True)
class ClassificationCounts:
    """What the figures are derived from."""

    confusion: np.ndarray
    """(P, 3, 3) units of each patient by true and called label."""
    questions: dict[str, QuestionCounts]


def group_units(views: ViewRows, predictions: ViewPredictions) -> dict[str, Units]:
    """Return views, breasts and patients.

    A breast or a patient is what its worst view is, in truth, in the label called, and in each
    probability.
    """
    numbers = {"view": np.arange(views.count), "breast": views.breast, "patient": views.patient}
    return {name: _grouped(number, views, predictions) for name, number in numbers.items()}


def count_units(units: Units, patient_count: int) -> ClassificationCounts:
    """Count the units of each patient; those of unknown pathology tell of tumours alone."""
    named = units.named()
    confusion = np.zeros((patient_count, len(LABELS), len(LABELS)))
    np.add.at(confusion, (named.patient, named.truth, named.called), 1)
    questions = {}
    for question, answering in ((TUMOUR_QUESTION, units), (CANCER_QUESTION, named)):
        probability = answering.probability(question)
        rows = (probability, answering.is_positive(question), answering.patient, patient_count)
        by_patient_and_bin = (answering.patient, probability_bin(probability))
        probability_sum = np.zeros((patient_count, len(BIN_KEYS)))
        np.add.at(probability_sum, by_patient_and_bin, probability)
        variance = np.zeros_like(probability_sum)
        np.add.at(variance, by_patient_and_bin, probability * (1 - probability))
        questions[question] = QuestionCounts(
            by_score=count_by_score(*rows),
            by_bin=count_by_bin(*rows),
            probability_sum=probability_sum,
            true_count_variance=variance,
        )
    return ClassificationCounts(confusion, questions)


def classification_numbers(
    counts: ClassificationCounts, weights: np.ndarray
) -> dict[FigureKey, np.ndarray]:
    """Return the (R,) figures by key under (R, P) patient weights; NaN where undefined."""
    numbers = confusion_numbers(np.tensordot(weights, counts.confusion, axes=1))
    for question, answers in counts.questions.items():
        numbers["auc", question] = area_under_curve(answers.by_score, weights)
        numbers["average_precision", question] = average_precision_of_scores(
            answers.by_score, weights
        )
        numbers |= calibration_numbers(question, answers, weights)
    return numbers


def confusion_numbers(confusion: np.ndarray) -> dict[FigureKey, np.ndarray]:
    """Return what (R, 3, 3) confusion matrices, rows the truth, say.

    As scikit-learn: balanced accuracy over the labels that occur, macro F1 over the labels that
    occur or are called.
    """
    hits = np.diagonal(confusion, axis1=1, axis2=2)
    truth, called = confusion.sum(axis=2), confusion.sum(axis=1)
    with np.errstate(invalid="ignore"):
        rows = confusion / truth[:, :, None]
        recall, precision = hits / truth, hits / called
        f1 = 2 * hits / (truth + called)
        accuracy = hits.sum(axis=1) / truth.sum(axis=1)
    numbers: dict[FigureKey, np.ndarray] = {
        ("accuracy",): accuracy,
        ("balanced_accuracy",): mean_of_defined(recall),
        ("macro_f1",): mean_of_defined(f1),
    }
    for row, true_label in enumerate(LABEL_KEYS):
        numbers["precision", true_label] = precision[:, row]
        numbers["f1", true_label] = f1[:, row]
        for column, called_label in enumerate(LABEL_KEYS):
            numbers["confusion_rows", true_label, called_label] = rows[:, row, column]
    return numbers


def calibration_numbers(
    question: str, answers: QuestionCounts, weights: np.ndarray
) -> dict[FigureKey, np.ndarray]:
    """Return the reliability diagram and the expected calibration error of one question."""
    positives, negatives = answers.by_bin.weighted(weights)
    diagrams = Reliability(
        count=positives + negatives,
        probability_sum=weights @ answers.probability_sum,
        true_count=positives,
        # What is drawn twice is right or wrong twice.
        true_count_variance=weights**2 @ answers.true_count_variance,
    )
    probability, frequency = diagrams.mean_probability, diagrams.frequency
    numbers: dict[FigureKey, np.ndarray] = {
        ("calibration_error", question): diagrams.expected_error,
        ("calibration_error_by_chance", question): diagrams.error_by_chance,
    }
    for place, key in enumerate(BIN_KEYS):
        numbers["reliability", question, key, "mean_probability"] = probability[:, place]
        numbers["reliability", question, key, "frequency"] = frequency[:, place]
    return numbers


def _grouped(number: np.ndarray, views: ViewRows, predictions: ViewPredictions) -> Units:
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))

    def worst(of_view: np.ndarray) -> np.ndarray:
        return np.maximum.reduceat(of_view[order], starts)

    return Units(
        patient=views.patient[order][starts],
        # What may be a cancer is worse than what is benign, and cancer is worst.
        truth=UNNAMED_SORT[worst(UNNAMED_SORT[views.label])],
        called=worst(predictions.label),
        tumour=worst(predictions.tumour),
        cancer=worst(predictions.cancer),
    )
