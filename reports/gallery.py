"""The worst misses and false positives of a method, as small pictures."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from evaluation.froc import IOU_20
from evaluation.matching import UNMATCHED
from evaluation.method_figures import MatchedMethod, Truth
from formats.boxes import clip_xyxy, xywh_to_xyxy
from formats.coco import LABELS
from formats.films import apply_window, intensity_window, read_grey

PICTURES = 8
PICTURE_SIDE_PX = 220
# Room around the box on each side, in its longer side's lengths.
MARGIN = 1.0
JPEG_QUALITY = 80
OUTWARDS_XYXY = np.array([-1, -1, 1, 1])
# BGR. Detections are as in the overlays of cancers.
LESION_COLOUR = (80, 220, 80)
DETECTION_COLOUR = (0, 94, 213)


@dataclass(frozen=True)
class Picture:
    """A cut-out of a film, and what is to be said about it."""

    address: str
    """A JPEG as a data address."""
    file_name: str
    caption: str


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
    label = LABELS[lesions.label[row]]
    caption = f"{label}, found with score {score:.2f}" if score > -np.inf else f"{label}, not found"
    name = truth.views.file_names[lesions.view[row]]
    found = method.detections.bbox_xywh[method.matches[IOU_20] == row]
    address = _cut_out(
        image_root / name,
        lesions.bbox_xywh[row],
        [(lesions.bbox_xywh[[row]], LESION_COLOUR), (found, DETECTION_COLOUR)],
    )
    return Picture(address, name, caption)


def _picture_of_false_positive(
    method: MatchedMethod, truth: Truth, image_root: Path, row: int
) -> Picture:
    detections, lesions = method.detections, truth.lesions
    view = detections.view[row]
    name = truth.views.file_names[view]
    address = _cut_out(
        image_root / name,
        detections.bbox_xywh[row],
        [
            (lesions.bbox_xywh[lesions.view == view], LESION_COLOUR),
            (detections.bbox_xywh[[row]], DETECTION_COLOUR),
        ],
    )
    return Picture(address, name, f"score {detections.score[row]:.2f}, no lesion")


def _cut_out(
    path: Path, around_xywh: np.ndarray, boxes: Sequence[tuple[np.ndarray, tuple[int, int, int]]]
) -> str:
    """Return the film around a box, with boxes drawn in, as a data address."""
    film = read_grey(path)
    height_px, width_px = film.shape
    room_px = MARGIN * max(around_xywh[2:])
    window_xyxy = xywh_to_xyxy(around_xywh) + room_px * OUTWARDS_XYXY
    x1, y1, x2, y2 = clip_xyxy(window_xyxy, height_px, width_px)[0].round().astype(int)
    grey = apply_window(film, intensity_window(film))[y1:y2, x1:x2]
    scale = PICTURE_SIDE_PX / max(grey.shape)
    picture = cv2.cvtColor(
        cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA),
        cv2.COLOR_GRAY2BGR,
    )
    for boxes_xywh, colour in boxes:
        for corners in (xywh_to_xyxy(boxes_xywh) - [x1, y1, x1, y1]) * scale:
            left, top, right, bottom = corners.round().astype(int).tolist()
            cv2.rectangle(picture, (left, top), (right, bottom), colour, 2)
    _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return "data:image/jpeg;base64," + base64.b64encode(encoded.tobytes()).decode("ascii")
