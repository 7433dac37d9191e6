"""The worst misses and false positives of a method, as small pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from evaluation.boxes.froc import IOU_20
from evaluation.boxes.matching import UNMATCHED
from evaluation.method_figures import MatchedMethod, Truth
from formats.film_reading.paths import film_path
from formats.film_reading.reader import read_grey
from formats.geometry.boxes import clip_xyxy, xywh_to_xyxy
from formats.labels import LABELS, LESION_LABELS, UNNAMED_LESION
from reports.films.film_drawing import draw_box, shown_film
from reports.page_pictures import Picture, jpeg_address

# By index, as the truth has them.
TRUTH_LABELS = (*LABELS, UNNAMED_LESION)
PICTURES = 8
PICTURE_SIDE_PX = 220
# Room around the box on each side, in its longer side's lengths.
MARGIN = 1.0
OUTWARDS_XYXY = np.array([-1, -1, 1, 1])
LINE_WIDTH_PX = 2


class ShownBox(NamedTuple):
    """A box that is drawn into a picture."""

    xyxy: np.ndarray
    label: str
    is_truth: bool


@dataclass(frozen=True)
class Gallery:
    """What a method did worst, worst first."""

    misses: list[Picture]
    false_positives: list[Picture]


def draw_gallery(method: MatchedMethod, truth: Truth, image_root: Path) -> Gallery:
    """Show the lesions found latest or never, and the surest boxes that are on no lesion.

    A box is on a lesion from IoU 0.2 on. Of the lesions never found, cancers come first, then
    large ones.

    Raises:
        InputError: a film cannot be read.
    """
    return Gallery(
        [_picture_of_miss(method, truth, image_root, row) for row in worst_misses(method, truth)],
        [
            _picture_of_false_positive(method, truth, image_root, row)
            for row in worst_false_positives(method)
        ],
    )


def worst_misses(method: MatchedMethod, truth: Truth) -> np.ndarray:
    """Return the rows of the lesions that were found with the lowest scores, or never."""
    lesions, found_score = truth.lesions, hit_scores(method, truth)
    worst_first = np.lexsort((-lesions.area_px, -lesions.label, found_score))
    return worst_first[~lesions.is_crowd[worst_first]][:PICTURES]


def worst_false_positives(method: MatchedMethod) -> np.ndarray:
    """Return the rows of the detections on no lesion, surest first."""
    false = np.flatnonzero(method.matches[IOU_20] == UNMATCHED)
    return false[np.argsort(-method.detections.score[false], kind="stable")][:PICTURES]


def hit_scores(method: MatchedMethod, truth: Truth) -> np.ndarray:
    """Return the (L,) scores of the boxes that find each lesion, minus infinity for none."""
    match = method.matches[IOU_20]
    scores = np.full(len(truth.lesions.view), -np.inf)
    is_hit = match != UNMATCHED
    np.maximum.at(scores, match[is_hit], method.detections.score[is_hit])
    return scores


def _picture_of_miss(method: MatchedMethod, truth: Truth, image_root: Path, row: int) -> Picture:
    lesions, score = truth.lesions, hit_scores(method, truth)[row]
    label = TRUTH_LABELS[lesions.label[row]]
    caption = f"{label}, found with score {score:.2f}" if score > -np.inf else f"{label}, not found"
    name = truth.views.file_names[lesions.view[row]]
    shown = [
        *_lesion_boxes(truth, np.array([row])),
        *_found_boxes(method, np.flatnonzero(method.matches[IOU_20] == row)),
    ]
    address = _cut_out(film_path(image_root, name), lesions.bbox_xywh[row], shown)
    return Picture(address=address, file_name=name, caption=caption)


def _picture_of_false_positive(
    method: MatchedMethod, truth: Truth, image_root: Path, row: int
) -> Picture:
    view = method.detections.view[row]
    name = truth.views.file_names[view]
    shown = [
        *_lesion_boxes(truth, np.flatnonzero(truth.lesions.view == view)),
        *_found_boxes(method, np.array([row])),
    ]
    address = _cut_out(film_path(image_root, name), method.detections.bbox_xywh[row], shown)
    caption = f"score {method.detections.score[row]:.2f}, no lesion"
    return Picture(address=address, file_name=name, caption=caption)


def _lesion_boxes(truth: Truth, rows: np.ndarray) -> list[ShownBox]:
    lesions = truth.lesions
    corners = xywh_to_xyxy(lesions.bbox_xywh[rows])
    labels = [TRUTH_LABELS[label] for label in lesions.label[rows]]
    return [ShownBox(xyxy, label, True) for xyxy, label in zip(corners, labels, strict=True)]


def _found_boxes(method: MatchedMethod, rows: np.ndarray) -> list[ShownBox]:
    detections = method.detections
    corners = xywh_to_xyxy(detections.bbox_xywh[rows])
    labels = [LESION_LABELS[column] for column in detections.label_scores[rows].argmax(axis=1)]
    return [ShownBox(xyxy, label, False) for xyxy, label in zip(corners, labels, strict=True)]


def _cut_out(path: Path, around_xywh: np.ndarray, boxes: Sequence[ShownBox]) -> str:
    """Return the film around a box, with boxes drawn in, as a data address."""
    film = read_grey(path)
    height_px, width_px = film.shape
    room_px = MARGIN * max(around_xywh[2:])
    window_xyxy = xywh_to_xyxy(around_xywh) + room_px * OUTWARDS_XYXY
    x1, y1, x2, y2 = clip_xyxy(window_xyxy, height_px, width_px)[0].round().astype(int)
    picture, scale = shown_film(film, (x1, y1, x2, y2), PICTURE_SIDE_PX)
    for box in boxes:
        corners = (box.xyxy - [x1, y1, x1, y1]) * scale
        draw_box(picture, corners, box.label, LINE_WIDTH_PX, is_dashed=box.is_truth)
    return jpeg_address(picture)
