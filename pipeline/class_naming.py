"""The detector that names the class of each box itself, as one method."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from detector.detections import Detections
from detector.merged import load_predictor
from formats.errors import InputError
from formats.geometry.boxes import iou_xyxy
from formats.labels import LESION_LABELS
from formats.results import LOWEST_LISTED_SCORE, Detection, ImageResult, ModelFile
from pipeline.convention_choice import choose_convention
from pipeline.film_result import detection_result
from pipeline.operating_points import operating_score
from training.networks.runtime import Runtime
from training.saving.checkpoint import hash_file


class ClassNamingDetector:
    """Finds and names tumours with one network."""

    def __init__(
        self,
        path: Path,
        device: torch.device,
        box_convention_name: str | None = None,
        runtime: Runtime = Runtime.torch,
    ) -> None:
        """Load the network; without the name of a convention, boxes stay as they are found.

        Raises:
            InputError: the file is no detector, one that does not name the class, or one without
                the convention, or the runtime is not installed or cannot compute it.
        """
        self._detector = load_predictor(path, device, runtime)
        if self._detector.class_names != list(LESION_LABELS):
            raise InputError(
                f"{path}: this detector finds {self._detector.class_names} and names no class; "
                "give one that was trained with data.class_names=[Benign,Cancer]"
            )
        self.box_convention_name, self._box_convention = choose_convention(
            self._detector.box_conventions, box_convention_name
        )
        self.models = [ModelFile(path.name, hash_file(path))]

    def operating_score(self, operating_point: str) -> float:
        """Return the lowest tumour score that counts as found at a named operating point.

        Raises:
            InputError: the detector has no such point.
        """
        return operating_score(self._detector.operating_points, operating_point)

    def find(self, films: Sequence[np.ndarray]) -> list[list[Detection]]:
        """Return the named boxes on each (H, W) film, best first."""
        same_lesion_iou = self._detector.same_lesion_iou
        return [
            merge_classes(found, same_lesion_iou) for found in self._detector.predict_batch(films)
        ]

    def predict_batch(
        self, films: Sequence[np.ndarray], file_names: Sequence[str], operating_score: float
    ) -> list[ImageResult]:
        """Find and name the tumours on several (H, W) films."""
        return [
            detection_result(film, name, detections, operating_score, self._box_convention)
            for film, name, detections in zip(films, file_names, self.find(films), strict=True)
        ]


def merge_classes(found: Detections, same_lesion_iou: float) -> list[Detection]:
    """Turn boxes with a class each into boxes with a tumour score and class probabilities.

    Best first, a box takes the best free box of the other class that overlaps it by
    `same_lesion_iou` or more. The two class scores exclude each other, so that their sum, at most
    1, is the score of a tumour of whatever class, and their shares are the label's probabilities;
    the better box stands for both. A box alone has its own class for certain.

    This is no matching of two lists: boxes of both classes stand in one ranking, either class may
    begin a pair, and the rival that counts is the surest, not the one that overlaps most.
    """
    overlaps = iou_xyxy(found.boxes_xyxy, found.boxes_xyxy)
    is_free = np.ones(len(found.scores), dtype=bool)
    merged = []
    for index, class_index in enumerate(found.class_indices):
        if not is_free[index]:
            continue
        is_free[index] = False
        rivals = np.flatnonzero(
            is_free & (found.class_indices != class_index) & (overlaps[index] >= same_lesion_iou)
        )[:1]
        is_free[rivals] = False
        class_scores = np.zeros(len(LESION_LABELS))
        class_scores[class_index] = found.scores[index]
        class_scores[1 - class_index] = found.scores[rivals].sum()
        merged.append(_detection(found.boxes_xyxy[index], class_scores))
    listed = [detection for detection in merged if detection.score >= LOWEST_LISTED_SCORE]
    return sorted(listed, key=lambda detection: -detection.score)


def _detection(box_xyxy: np.ndarray, class_scores: np.ndarray) -> Detection:
    x1, y1, x2, y2 = box_xyxy.tolist()
    shares = class_scores / class_scores.sum()
    return Detection(
        bbox_xyxy=(x1, y1, x2, y2),
        score=min(1.0, float(class_scores.sum())),
        label=LESION_LABELS[int(np.argmax(shares))],
        label_scores=dict(zip(LESION_LABELS, shares.tolist(), strict=True)),
    )
