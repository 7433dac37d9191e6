"""Finishing a trained pair: operating points for its boxes, temperature for its labels.

Both are read off the validation part; nothing else is learnt there.
"""

import logging
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from scipy.special import softmax
from sklearn.metrics import roc_auc_score

from classifier.model import KIND as CLASSIFIER_KIND
from detector.members import DETECTOR_KINDS
from evaluation.labels.reliability import Reliability, reliability
from evaluation.rows import LesionRows, lesion_rows
from formats.coco import CocoDataset, require_pathology
from formats.errors import InputError
from formats.geometry.box_conventions import BoxConvention
from pipeline.class_naming import ClassNamingDetector
from pipeline.fitting.all_boxes import predict_all, predict_with_class_naming, predict_with_pair
from pipeline.fitting.lesion_logits import name_true_lesions
from pipeline.fitting.temperature import fit_temperature, held_out_probabilities
from pipeline.operating_points import (
    OperatingPoint,
    match_scores,
    operating_curve,
    operating_points,
)
from pipeline.two_stage import TwoStage
from training.saving.checkpoint import load_checkpoint, save_checkpoint
from training.saving.stored_weights import StoredDtype

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What the validation part says about a pair."""

    operating_points: dict[str, OperatingPoint]
    operating_curve: list[OperatingPoint]
    """From few boxes to many."""
    temperature: float
    """Fitted on all true lesions."""
    cancer_auc: float | None
    """Of cancer against benign among all true lesions; None where all are of one class."""
    before: Reliability
    """Of the probability of cancer of true lesions, at temperature 1."""
    after: Reliability
    """The same, each lesion at a temperature that was fitted without its patient's."""


def calibrate(model: TwoStage, dataset: CocoDataset, image_root: Path) -> Calibration:
    """Run a pair, and its classifier on the true boxes, over validation images; read both off.

    Raises:
        InputError: an image cannot be read or has another size than the data set says, or the
            data set has no lesion, or some of unknown pathology.
    """
    lesions = _require_lesions(dataset, image_root)
    require_pathology(dataset, str(image_root))
    images = predict_all(predict_with_pair(model), dataset, image_root)
    scores = match_scores(lesions, images)
    said = name_true_lesions(model.classifier, dataset, image_root)
    temperature = fit_temperature(said.logits, said.label)
    has_both_classes = len(np.unique(said.label)) > 1
    if not has_both_classes:
        logger.warning(
            "All lesions are of one class, which cannot tell a temperature: it stays at 1. "
            "Calibrate on a validation part with Benign and Cancer lesions."
        )
    held_out = held_out_probabilities(said.logits, said.label, said.patient)
    cancer_log_odds = said.logits[:, 1] - said.logits[:, 0]
    return Calibration(
        operating_points=operating_points(scores),
        operating_curve=operating_curve(scores),
        temperature=temperature,
        cancer_auc=roc_auc_score(said.label, cancer_log_odds) if has_both_classes else None,
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


def calibrate_checkpoints(
    detector_path: Path,
    classifier_path: Path,
    dataset: CocoDataset,
    image_root: Path,
    output_dir: Path,
    device: torch.device,
    stored_dtype: StoredDtype | None = None,
    box_name: str | None = None,
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
        box_name: a name for the convention of boxes as the detector finds them, so that results
            can say it.

    Raises:
        InputError: a checkpoint, an image or the data set is not usable.
    """
    detector_checkpoint = load_checkpoint(detector_path, *DETECTOR_KINDS)
    classifier_checkpoint = load_checkpoint(classifier_path, CLASSIFIER_KIND)
    finished_paths = output_dir / "detector.safetensors", output_dir / "classifier.safetensors"
    if stored_dtype is not None:
        detector_checkpoint = replace(detector_checkpoint, stored_dtype=stored_dtype)
        classifier_checkpoint = replace(classifier_checkpoint, stored_dtype=stored_dtype)
    if box_name is not None:
        conventions = {**detector_checkpoint.box_conventions, box_name: asdict(BoxConvention())}
        detector_checkpoint = replace(detector_checkpoint, box_conventions=conventions)
    with TemporaryDirectory() as folder:
        stored_paths = Path(folder) / "detector", Path(folder) / "classifier"
        save_checkpoint(detector_checkpoint, stored_paths[0])
        save_checkpoint(classifier_checkpoint, stored_paths[1])
        model = TwoStage(*stored_paths, device)
    calibration = calibrate(model, dataset, image_root)
    nothing: dict[str, Any] = {"operating_points": {}, "operating_curve": []}
    read_off = {
        "operating_points": {n: point.score for n, point in calibration.operating_points.items()},
        "operating_curve": [list(astuple(point)) for point in calibration.operating_curve],
    }
    # They belong to whose scores are final.
    knows_background = model.classifier.knows_background
    of_detector, of_classifier = (nothing, read_off) if knows_background else (read_off, nothing)
    save_checkpoint(replace(detector_checkpoint, **of_detector), finished_paths[0])
    save_checkpoint(
        replace(
            classifier_checkpoint,
            **of_classifier,
            calibrated_with=detector_checkpoint.weights_sha256,
            temperature=calibration.temperature,
            # Fitted on other scores.
            view_fusion={},
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
