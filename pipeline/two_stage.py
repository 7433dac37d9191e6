"""Detect, then classify: the two networks as one method."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from classifier.crops.predictor import CropClassifierPredictor
from detector.detections import Detections
from detector.merged import MergedPredictor, load_predictor
from detector.predictor import DetectorPredictor
from formats.errors import InputError
from formats.labels import LESION_LABELS
from formats.results import Detection, ImageResult, ModelFile
from pipeline.cases.view_fusion import ViewFusion, fusion_of_checkpoint
from pipeline.convention_choice import choose_convention
from pipeline.film_result import detection_result
from pipeline.operating_points import OperatingPoint, operating_score
from training.networks.device import choose_device
from training.networks.runtime import Runtime
from training.saving.checkpoint import hash_file

WEIGHTS_FOLDER = Path(__file__).parent / "weights"
DEFAULT_DETECTOR = WEIGHTS_FOLDER / "detector.safetensors"
DEFAULT_CLASSIFIER = WEIGHTS_FOLDER / "classifier.safetensors"


class TwoStage:
    """Finds tumours on a film and names each.

    A box scores what the detector gives it, times the probability of a lesion where the classifier
    gives one.
    """

    def __init__(
        self,
        detector_path: Path,
        classifier_path: Path,
        device: torch.device,
        box_convention_name: str | None = None,
        runtime: Runtime = Runtime.torch,
    ) -> None:
        """Load both networks.

        The classifier sees each box as it was found; what is listed is drawn by the convention.

        Args:
            detector_path: the detector's checkpoint.
            classifier_path: the crop classifier's checkpoint.
            device: where both run.
            box_convention_name: of the detector's conventions; None leaves boxes as found.
            runtime: what computes both.

        Raises:
            InputError: a file is no checkpoint of its kind, the detector names classes itself, or
                has no such convention, or the runtime is not installed or cannot compute them.
        """
        self._detector = load_predictor(detector_path, device, runtime)
        self.classifier = CropClassifierPredictor.from_checkpoint(classifier_path, device, runtime)
        if len(self._detector.class_names) != 1:
            raise InputError(
                f"{detector_path}: this detector names {self._detector.class_names} itself; "
                "two stages need one that was trained with data.class_names=[Tumour]"
            )
        self.box_convention_name, self._box_convention = choose_convention(
            self._detector.box_conventions, box_convention_name
        )
        self.models = [
            ModelFile(path.name, hash_file(path)) for path in (detector_path, classifier_path)
        ]

    def operating_score(self, operating_point: str) -> float:
        """Return the lowest score that counts as found at a named operating point.

        Raises:
            InputError: the pair has no such point, or only one of the two has been calibrated.
        """
        return operating_score(self.operating_points, operating_point)

    @property
    def operating_points(self) -> dict[str, float]:
        """The lowest score that counts as found by operating point.

        Raises:
            InputError: only one of the two has been calibrated.
        """
        return self._calibrated.operating_points

    @property
    def operating_curve(self) -> list[OperatingPoint]:
        """What lowest scores mean on the validation part, from few boxes to many; [] if unknown.

        Raises:
            InputError: only one of the two has been calibrated.
        """
        return [
            OperatingPoint(
                score=score,
                sensitivity=sensitivity,
                false_positives_per_image=false_positives_per_image,
            )
            for score, sensitivity, false_positives_per_image in self._calibrated.operating_curve
        ]

    @property
    def _calibrated(self) -> DetectorPredictor | MergedPredictor | CropClassifierPredictor:
        if not self.classifier.knows_background:
            return self._detector
        # A classifier that knows background changes the scores, so the points are its own, and
        # they are on the scores of one detector.
        is_of_this_detector = self.classifier.calibrated_with == self._detector.weights_sha256
        if self.classifier.operating_points and not is_of_this_detector:
            names = " and ".join(model.name for model in self.models)
            raise InputError(
                f"{names}: the classifier was calibrated with another detector; run "
                "`mammo calibrate` on this pair"
            )
        return self.classifier

    @property
    def operating_point_names(self) -> list[str]:
        """Return the names that `operating_score` knows."""
        knows_background = self.classifier.knows_background
        return sorted((self.classifier if knows_background else self._detector).operating_points)

    def view_fusion(self, listed_from: str) -> ViewFusion:
        """Return how views are fused to breasts, where boxes are listed from a named point on.

        A fusion that was fitted on another detector's scores is none.
        """
        is_fitted = self.classifier.calibrated_with == self._detector.weights_sha256
        return fusion_of_checkpoint(self.classifier.view_fusion if is_fitted else {}, listed_from)

    def predict(
        self, film: np.ndarray, file_name: str, operating_score: float, lowest_score: float
    ) -> ImageResult:
        """Find and name the tumours on a (H, W) grey film.

        Args:
            film: uint8 or uint16 grey levels.
            file_name: what the result is called.
            operating_score: boxes from this score on decide the film's label.
            lowest_score: boxes from this score on are listed.
        """
        return self.predict_batch([film], [file_name], operating_score, lowest_score)[0]

    def predict_batch(
        self,
        films: Sequence[np.ndarray],
        file_names: Sequence[str],
        operating_score: float,
        lowest_score: float,
    ) -> list[ImageResult]:
        """Find and name the tumours on several films, as `predict` does on one."""
        return [
            self._name(film, file_name, found.above(lowest_score), operating_score, lowest_score)
            for film, file_name, found in zip(
                films, file_names, self._detector.predict_batch(films), strict=True
            )
        ]

    def _name(
        self,
        film: np.ndarray,
        file_name: str,
        found: Detections,
        operating_score: float,
        lowest_score: float,
    ) -> ImageResult:
        named = self.classifier.name(film, found.boxes_xyxy)
        scores = found.scores * named.lesion
        detections = [
            _detection(found.boxes_xyxy[index], scores[index], named.labels[index])
            for index in np.argsort(-scores, kind="stable")
            if scores[index] >= lowest_score
        ]
        return detection_result(film, file_name, detections, operating_score, self._box_convention)


def load_two_stage(
    detector_path: Path | None,
    classifier_path: Path | None,
    device: str,
    box_convention_name: str | None = None,
    runtime: Runtime = Runtime.torch,
) -> TwoStage:
    """Load the given checkpoints, or the embedded ones where none is given.

    Raises:
        InputError: a checkpoint, the convention, the device or the runtime cannot be used.
    """
    return TwoStage(
        detector_path or DEFAULT_DETECTOR,
        classifier_path or DEFAULT_CLASSIFIER,
        choose_device(device, runtime),
        box_convention_name,
        runtime,
    )


def _detection(box_xyxy: np.ndarray, score: float, probabilities: np.ndarray) -> Detection:
    x1, y1, x2, y2 = box_xyxy.tolist()
    label_scores = dict(zip(LESION_LABELS, probabilities.tolist(), strict=True))
    label = LESION_LABELS[int(np.argmax(probabilities))]
    return Detection(
        bbox_xyxy=(x1, y1, x2, y2), score=float(score), label=label, label_scores=label_scores
    )
