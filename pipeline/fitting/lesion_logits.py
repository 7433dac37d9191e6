"""What a crop classifier says of the true lesions of a data set."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier.crops.predictor import CropClassifierPredictor
from evaluation.rows import lesion_rows, sorted_images, view_rows
from formats.coco import CocoDataset
from formats.coco_films import read_listed_film
from formats.geometry.boxes import xywh_to_xyxy
from formats.labels import CATEGORY_NAMES, LABELS
from formats.progress import with_progress

FIRST_LESION_LABEL = LABELS.index(CATEGORY_NAMES[1])


@dataclass(frozen=True, kw_only=True)
class LesionLogits:
    """What a classifier says of L true lesions, crowd regions left out."""

    logits: np.ndarray
    """(L, 2) of Benign and Cancer."""
    label: np.ndarray
    """(L,) true column."""
    patient: np.ndarray
    """(L,) index of the patient."""


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
    for view in with_progress(np.unique(lesions.view[rows]), "naming lesions"):
        film = read_listed_film(images[view], image_root)
        boxes_xywh = lesions.bbox_xywh[rows[lesions.view[rows] == view]]
        of_view = classifier.logits(film, xywh_to_xyxy(boxes_xywh))
        logits.append(classifier.lesion_logits(of_view))
    return LesionLogits(
        logits=np.concatenate(logits),
        label=lesions.label[rows] - FIRST_LESION_LABEL,
        patient=views.patient[lesions.view[rows]],
    )
