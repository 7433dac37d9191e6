"""Finishing a trained pair: operating points for its boxes, temperature for its labels.

Both are read off the validation part; nothing else is learnt there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from tqdm import tqdm

from classifier.model import KIND as CLASSIFIER_KIND
from detector.model import KIND as DETECTOR_KIND
from evaluation.reliability import Reliability, draw_before_and_after, reliability
from formats.boxes import iou_xyxy, xywh_to_xyxy
from formats.coco import CocoDataset
from formats.errors import InputError
from formats.films import read_grey
from formats.results import Detection
from pipeline.class_naming import ClassNamingDetector
from pipeline.two_stage import LOWEST_LISTED_SCORE, TwoStage
from training.checkpoint import load_checkpoint, save_checkpoint

FALSE_POSITIVES_PER_IMAGE = {"balanced": 0.5, "sensitive": 1.0}
HIT_IOU = 0.5
TEMPERATURE_BOUNDS = (0.2, 10.0)


@dataclass(frozen=True)
class OperatingPoint:
    """A lowest score that counts as found, and what it means on the validation part."""

    score: float
    sensitivity: float
    false_positives_per_image: float


@dataclass(frozen=True)
class Calibration:
    """What the validation part says about a pair."""

    operating_points: dict[str, OperatingPoint]
    temperature: float
    before: Reliability
    """Of the probability of cancer of true lesions, at temperature 1."""
    after: Reliability
    """The same at the temperature found, which was chosen on these very lesions."""


def calibrate(model: TwoStage, dataset: CocoDataset, image_root: Path) -> Calibration:
    """Run a pair, and its classifier on the true boxes, over validation images; read both off.

    Raises:
        InputError: an image cannot be read, or the data set has no lesion.
    """
    _require_lesions(dataset, image_root)
    annotations = dataset.annotations_by_image()
    hits, false_positives, logits, labels = [], [], [], []
    for image in tqdm(dataset.images, desc="calibrating", disable=None):
        film = read_grey(image_root / image["file_name"])
        lesions = annotations[image["id"]]
        boxes_xyxy = xywh_to_xyxy(np.array([lesion["bbox"] for lesion in lesions]))
        found = model.predict(film, image["file_name"], 0.0, LOWEST_LISTED_SCORE).detections
        hit_scores, false_scores = split_scores(found, boxes_xyxy)
        hits.append(hit_scores)
        false_positives.append(false_scores)
        logits.append(model.classifier.lesion_logits(model.classifier.logits(film, boxes_xyxy)))
        labels += [lesion["category_id"] - 1 for lesion in lesions]
    points = _operating_points(hits, false_positives, len(dataset.annotations))
    all_logits, is_cancer = np.concatenate(logits), np.array(labels)
    temperature = fit_temperature(all_logits, is_cancer)
    before, after = (
        reliability(softmax(all_logits / divisor, axis=1)[:, 1], is_cancer)
        for divisor in (1.0, temperature)
    )
    return Calibration(points, temperature, before, after)


def calibrate_class_naming(
    detector: ClassNamingDetector, dataset: CocoDataset, image_root: Path
) -> dict[str, OperatingPoint]:
    """Run a detector that names the class itself over validation images and read its points off.

    Raises:
        InputError: an image cannot be read, or the data set has no lesion.
    """
    _require_lesions(dataset, image_root)
    annotations = dataset.annotations_by_image()
    hits, false_positives = [], []
    for image in tqdm(dataset.images, desc="calibrating", disable=None):
        found = detector.find([read_grey(image_root / image["file_name"])])[0]
        lesions = annotations[image["id"]]
        boxes_xyxy = xywh_to_xyxy(np.array([lesion["bbox"] for lesion in lesions]))
        hit_scores, false_scores = split_scores(found, boxes_xyxy)
        hits.append(hit_scores)
        false_positives.append(false_scores)
    return _operating_points(hits, false_positives, len(dataset.annotations))


def split_scores(
    found: Sequence[Detection], lesions_xyxy: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the scores of boxes that hit a lesion and of those that do not.

    Best first, each box takes the free lesion that it overlaps most, from IoU 0.5 on.
    """
    boxes_xyxy = np.array([detection.bbox_xyxy for detection in found]).reshape(-1, 4)
    scores = np.array([detection.score for detection in found], dtype=np.float64)
    overlaps = iou_xyxy(boxes_xyxy, lesions_xyxy)
    is_hit = np.zeros(len(scores), dtype=bool)
    for row in range(len(overlaps)):
        if overlaps.shape[1] and overlaps[row].max() >= HIT_IOU:
            is_hit[row] = True
            overlaps[:, overlaps[row].argmax()] = 0.0
    return scores[is_hit], scores[~is_hit]


def operating_point(
    hit_scores: Sequence[np.ndarray],
    false_scores: Sequence[np.ndarray],
    lesion_count: int,
    false_positives_per_image: float,
) -> OperatingPoint:
    """Find the lowest score that keeps at most so many false positives an image.

    Args:
        hit_scores: of the boxes on lesions, one array an image.
        false_scores: of the other boxes, one array an image.
        lesion_count: in all images.
        false_positives_per_image: the rate that may not be exceeded.
    """
    image_count = len(false_scores)
    falling = -np.sort(-np.concatenate(false_scores))
    allowed = int(false_positives_per_image * image_count)
    # Just above the first false positive too many.
    score = float(np.nextafter(falling[allowed], 1.0)) if allowed < len(falling) else 0.0
    hits = np.concatenate(hit_scores)
    return OperatingPoint(
        score,
        sensitivity=float((hits >= score).sum() / lesion_count),
        false_positives_per_image=float((falling >= score).sum() / image_count),
    )


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return what (N, C) logits are best divided by, given their (N,) true classes.

    It minimises the cross-entropy (Guo et al. 2017, "On Calibration of Modern Neural Networks").
    """

    def cross_entropy(log_temperature: float) -> float:
        log_probabilities = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -float(log_probabilities[np.arange(len(labels)), labels].mean())

    bounds = tuple(np.log(TEMPERATURE_BOUNDS))
    return float(np.exp(minimize_scalar(cross_entropy, bounds=bounds, method="bounded").x))


def calibrate_checkpoints(
    detector_path: Path,
    classifier_path: Path,
    dataset: CocoDataset,
    image_root: Path,
    output_dir: Path,
    device: torch.device,
) -> Calibration:
    """Write `detector.safetensors` and `classifier.safetensors`, finished, to `output_dir`.

    `reliability.png` there shows what the temperature does to the probabilities.

    Raises:
        InputError: a checkpoint, an image or the data set is not usable.
    """
    detector_checkpoint = load_checkpoint(detector_path, DETECTOR_KIND)
    classifier_checkpoint = load_checkpoint(classifier_path, CLASSIFIER_KIND)
    model = TwoStage(detector_path, classifier_path, device)
    calibration = calibrate(model, dataset, image_root)
    scores = {name: point.score for name, point in calibration.operating_points.items()}
    # They belong to whose scores are final.
    knows_background = model.classifier.knows_background
    of_detector, of_classifier = ({}, scores) if knows_background else (scores, {})
    save_checkpoint(
        replace(detector_checkpoint, operating_points=of_detector),
        output_dir / "detector.safetensors",
    )
    save_checkpoint(
        replace(
            classifier_checkpoint,
            operating_points=of_classifier,
            calibrated_with=detector_checkpoint.weights_sha256,
            temperature=calibration.temperature,
        ),
        output_dir / "classifier.safetensors",
    )
    draw_before_and_after(calibration.before, calibration.after, output_dir / "reliability.png")
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
    checkpoint = load_checkpoint(detector_path, DETECTOR_KIND)
    detector = ClassNamingDetector(detector_path, device)
    points = calibrate_class_naming(detector, dataset, image_root)
    scores = {name: point.score for name, point in points.items()}
    save_checkpoint(
        replace(checkpoint, operating_points=scores), output_dir / "detector.safetensors"
    )
    return points


def _require_lesions(dataset: CocoDataset, image_root: Path) -> None:
    if not dataset.annotations:
        raise InputError(f"{image_root}: the COCO file has no lesion to calibrate on")


def _operating_points(
    hit_scores: Sequence[np.ndarray], false_scores: Sequence[np.ndarray], lesion_count: int
) -> dict[str, OperatingPoint]:
    return {
        name: operating_point(hit_scores, false_scores, lesion_count, rate)
        for name, rate in FALSE_POSITIVES_PER_IMAGE.items()
    }
