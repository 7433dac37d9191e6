"""Finishing a trained pair: operating points for its boxes, temperature for its labels.

Both are read off the validation part; nothing else is learnt there.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from scipy.special import softmax
from tqdm import tqdm

from classifier.crops.predictor import CropClassifierPredictor
from classifier.model import KIND as CLASSIFIER_KIND
from detector.merged import DETECTOR_KINDS
from evaluation.reliability import Reliability, reliability
from evaluation.rows import LesionRows, lesion_rows, sorted_images, view_rows
from formats.boxes import xywh_to_xyxy
from formats.coco import CocoDataset
from formats.coco_films import read_listed_film
from formats.errors import InputError
from formats.labels import CATEGORY_NAMES, LABELS
from formats.results import ImageResult
from pipeline.class_naming import ClassNamingDetector
from pipeline.operating_points import OperatingPoint, match_scores, operating_points
from pipeline.temperature import fit_temperature, held_out_probabilities
from pipeline.two_stage import LOWEST_LISTED_SCORE, TwoStage
from training.checkpoint import StoredDtype, load_checkpoint, save_checkpoint

logger = logging.getLogger(__name__)

FIRST_LESION_LABEL = LABELS.index(CATEGORY_NAMES[1])
# The operating points are what is looked for; the labels of whole films play no part.
ANY_SCORE = 0.0

Predict = Callable[[np.ndarray, str], ImageResult]
"""A (H, W) film and its file name to its result."""


@dataclass(frozen=True, kw_only=True)
class LesionLogits:
    """What a classifier says of L true lesions, crowd regions left out."""

    logits: np.ndarray
    """(L, 2) of Benign and Cancer."""
    label: np.ndarray
    """(L,) true column."""
    patient: np.ndarray
    """(L,) index of the patient."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What the validation part says about a pair."""

    operating_points: dict[str, OperatingPoint]
    temperature: float
    """Fitted on all true lesions."""
    before: Reliability
    """Of the probability of cancer of true lesions, at temperature 1."""
    after: Reliability
    """The same, each lesion at a temperature that was fitted without its patient's."""


def calibrate(model: TwoStage, dataset: CocoDataset, image_root: Path) -> Calibration:
    """Run a pair, and its classifier on the true boxes, over validation images; read both off.

    Raises:
        InputError: an image cannot be read or has another size than the data set says, or the
            data set has no lesion.
    """
    lesions = _require_lesions(dataset, image_root)
    images = predict_all(predict_with_pair(model), dataset, image_root)
    points = operating_points(match_scores(lesions, images))
    said = name_true_lesions(model.classifier, dataset, image_root)
    temperature = fit_temperature(said.logits, said.label)
    if len(np.unique(said.label)) < 2:
        logger.warning(
            "All lesions are of one class, which cannot tell a temperature: it stays at 1. "
            "Calibrate on a validation part with Benign and Cancer lesions."
        )
    held_out = held_out_probabilities(said.logits, said.label, said.patient)
    return Calibration(
        operating_points=points,
        temperature=temperature,
        before=reliability(softmax(said.logits, axis=1)[:, 1], said.label),
        after=reliability(held_out[:, 1], said.label),
    )


def calibrate_class_naming(
    detector: ClassNamingDetector, dataset: CocoDataset, image_root: Path
) -> dict[str, OperatingPoint]:
    """Run a detector that names the class itself over validation images and read its points off.

    Raises:
        InputError: an image cannot be read or has another size than the data set says, or the
            data set has no lesion.
    """
    lesions = _require_lesions(dataset, image_root)
    images = predict_all(predict_with_class_naming(detector), dataset, image_root)
    return operating_points(match_scores(lesions, images))


def predict_with_pair(model: TwoStage) -> Predict:
    """Return what lists all boxes of a pair."""
    return partial(model.predict, operating_score=ANY_SCORE, lowest_score=LOWEST_LISTED_SCORE)


def predict_with_class_naming(detector: ClassNamingDetector) -> Predict:
    """Return what lists all boxes of a detector that names the class itself."""
    return lambda film, name: detector.predict_batch([film], [name], ANY_SCORE)[0]


def predict_all(predict: Predict, dataset: CocoDataset, image_root: Path) -> list[ImageResult]:
    """Return a method's result for each image of a data set, in the order of evaluation's views.

    Raises:
        InputError: an image cannot be read or has another size than the data set says.
    """
    return [
        predict(read_listed_film(image, image_root), image["file_name"])
        for image in tqdm(sorted_images(dataset), desc="finding boxes", disable=None)
    ]


def name_true_lesions(
    classifier: CropClassifierPredictor, dataset: CocoDataset, image_root: Path
) -> LesionLogits:
    """Let a classifier name the true boxes of a data set.

    Raises:
        InputError: an image cannot be read or has another size than the data set says.
    """
    views, lesions = view_rows(dataset), lesion_rows(dataset)
    rows = np.flatnonzero(~lesions.is_crowd)
    images = sorted_images(dataset)
    logits = []
    for view in tqdm(np.unique(lesions.view[rows]), desc="naming lesions", disable=None):
        film = read_listed_film(images[view], image_root)
        boxes_xywh = lesions.bbox_xywh[rows[lesions.view[rows] == view]]
        of_view = classifier.logits(film, xywh_to_xyxy(boxes_xywh))
        logits.append(classifier.lesion_logits(of_view))
    return LesionLogits(
        logits=np.concatenate(logits),
        label=lesions.label[rows] - FIRST_LESION_LABEL,
        patient=views.patient[lesions.view[rows]],
    )


def calibrate_checkpoints(
    detector_path: Path,
    classifier_path: Path,
    dataset: CocoDataset,
    image_root: Path,
    output_dir: Path,
    device: torch.device,
    stored_dtype: StoredDtype | None = None,
) -> Calibration:
    """Write `detector.safetensors` and `classifier.safetensors`, finished, to `output_dir`.

    Args:
        detector_path: the trained detector.
        classifier_path: the trained crop classifier.
        dataset: the validation part.
        image_root: of its films.
        output_dir: of the finished checkpoints.
        device: to compute on.
        stored_dtype: of the weights in the files, which are calibrated as they come out of there;
            None keeps the trained files' own.

    Raises:
        InputError: a checkpoint, an image or the data set is not usable.
    """
    detector_checkpoint = load_checkpoint(detector_path, *DETECTOR_KINDS)
    classifier_checkpoint = load_checkpoint(classifier_path, CLASSIFIER_KIND)
    finished_paths = output_dir / "detector.safetensors", output_dir / "classifier.safetensors"
    if stored_dtype is not None:
        detector_checkpoint = replace(detector_checkpoint, stored_dtype=stored_dtype)
        classifier_checkpoint = replace(classifier_checkpoint, stored_dtype=stored_dtype)
        save_checkpoint(detector_checkpoint, finished_paths[0])
        save_checkpoint(classifier_checkpoint, finished_paths[1])
        detector_path, classifier_path = finished_paths
    model = TwoStage(detector_path, classifier_path, device)
    calibration = calibrate(model, dataset, image_root)
    scores = {name: point.score for name, point in calibration.operating_points.items()}
    # They belong to whose scores are final.
    knows_background = model.classifier.knows_background
    of_detector, of_classifier = ({}, scores) if knows_background else (scores, {})
    save_checkpoint(
        replace(detector_checkpoint, operating_points=of_detector),
        finished_paths[0],
    )
    save_checkpoint(
        replace(
            classifier_checkpoint,
            operating_points=of_classifier,
            calibrated_with=detector_checkpoint.weights_sha256,
            temperature=calibration.temperature,
        ),
        finished_paths[1],
    )
    return calibration


def calibrate_class_naming_checkpoint(
    detector_path: Path,
    dataset: CocoDataset,
    image_root: Path,
    output_dir: Path,
    device: torch.device,
) -> dict[str, OperatingPoint]:
    """Write `detector.safetensors`, finished, to `output_dir`.

    Raises:
        InputError: the checkpoint, an image or the data set is not usable.
    """
    checkpoint = load_checkpoint(detector_path, *DETECTOR_KINDS)
    detector = ClassNamingDetector(detector_path, device)
    points = calibrate_class_naming(detector, dataset, image_root)
    scores = {name: point.score for name, point in points.items()}
    save_checkpoint(
        replace(checkpoint, operating_points=scores), output_dir / "detector.safetensors"
    )
    return points


def _require_lesions(dataset: CocoDataset, image_root: Path) -> LesionRows:
    lesions = lesion_rows(dataset)
    if lesions.is_crowd.all():
        raise InputError(f"{image_root}: the COCO file has no lesion to calibrate on")
    return lesions
