"""Annotated films: the film with its boxes, for a person to look at."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from formats.film_reading.intensity_window import apply_window, intensity_window
from formats.labels import LABEL_COLOURS, bgr_of
from formats.notice import SHORT_NOTICE
from formats.results import Detection, ImageResult
from reports.films.film_drawing import BLACK, draw_box
from reports.films.label_placement import Rectangle, place_label

NOTHING_FOUND = "Normal: no box above the operating point"
# Drawing sizes as parts of the film's shorter side.
LINE_PART = 0.004
LETTER_PART = 0.0011
SMALLEST_LETTER_SCALE = 0.35
FONT = cv2.FONT_HERSHEY_SIMPLEX
WHITE = (255, 255, 255)
SCALE_BAR_MM = 10.0


@dataclass(frozen=True, kw_only=True)
class TrueLesion:
    """A lesion that is known, to be shown beside what was found."""

    bbox_xyxy: tuple[float, float, float, float]
    """In pixels of the film."""
    label: str


@dataclass(frozen=True, kw_only=True)
class Caption:
    """A line of text, sized for a picture."""

    text: str
    colour: tuple[int, int, int]
    scale: float
    weight_px: int
    width_px: int
    ascent_px: int
    descent_px: int

    @property
    def height_px(self) -> int:
        """Of the ground that it is written on."""
        return self.ascent_px + self.descent_px


def draw_annotated_film(
    film: np.ndarray, result: ImageResult, lesions: Sequence[TrueLesion] = ()
) -> np.ndarray:
    """Return a (H, W, 3) uint8 BGR picture of a (H, W) film with its boxes and labels.

    A label stands beside its box, joined to it by a line, off every box and every other label as
    far as the picture has room. Known lesions are dashed. A bar of 10 mm is drawn where the
    film's spacing is known.

    Args:
        film: uint8 or uint16.
        result: what was found, in pixels of the film.
        lesions: what is known.
    """
    picture = cv2.cvtColor(apply_window(film, intensity_window(film)), cv2.COLOR_GRAY2BGR)
    line_px = max(1, round(LINE_PART * min(film.shape)))
    for lesion in lesions:
        draw_box(picture, lesion.bbox_xyxy, lesion.label, line_px, is_dashed=True)
    for detection in result.detections:
        draw_box(picture, detection.bbox_xyxy, detection.label, line_px, is_dashed=False)
    taken = [_write(picture, _caption(picture, SHORT_NOTICE, WHITE), 0, picture.shape[0])]
    if result.spacing_mm is not None:
        taken.append(_draw_scale_bar(picture, result.spacing_mm[1], taken[0].top, line_px))
    if not result.detections:
        _write(picture, _caption(picture, NOTHING_FOUND, WHITE), 0, 0)
    boxes = [Rectangle.around(d.bbox_xyxy) for d in result.detections]
    boxes += [Rectangle.around(lesion.bbox_xyxy) for lesion in lesions]
    for detection, box in zip(result.detections, boxes, strict=False):
        caption = _caption(picture, _label(detection), bgr_of(LABEL_COLOURS[detection.label]))
        place = place_label(
            box, caption.width_px, caption.height_px, boxes, taken, picture.shape[:2], 3 * line_px
        )
        _draw_leader(picture, place, box, caption.colour, line_px)
        taken.append(_write(picture, caption, place.left, place.top + caption.ascent_px))
    return picture


def _label(detection: Detection) -> str:
    probability = detection.label_scores[detection.label]
    return f"{detection.label} {probability:.0%} (score {detection.score:.2f})"


def _caption(picture: np.ndarray, text: str, colour: tuple[int, int, int]) -> Caption:
    """Size a line so that it is no wider than the picture."""
    height_px, width_px = picture.shape[:2]
    scale = max(SMALLEST_LETTER_SCALE, LETTER_PART * min(height_px, width_px))
    weight_px = max(1, round(2 * scale))
    (text_width_px, text_height_px), descent_px = cv2.getTextSize(text, FONT, scale, weight_px)
    if text_width_px > width_px:
        scale *= width_px / text_width_px
        (text_width_px, text_height_px), descent_px = cv2.getTextSize(text, FONT, scale, weight_px)
    return Caption(
        text=text,
        colour=colour,
        scale=scale,
        weight_px=weight_px,
        width_px=text_width_px,
        ascent_px=text_height_px + descent_px,
        descent_px=descent_px,
    )


def _write(picture: np.ndarray, caption: Caption, left_px: int, baseline_px: int) -> Rectangle:
    """Write a line on a black ground, moved into the picture, and return where."""
    height_px, width_px = picture.shape[:2]
    left_px = int(np.clip(left_px, 0, max(0, width_px - caption.width_px)))
    lowest_px = height_px - caption.descent_px
    baseline_px = int(np.clip(baseline_px, min(caption.ascent_px, lowest_px), lowest_px))
    ground = Rectangle(
        left=left_px,
        top=baseline_px - caption.ascent_px,
        right=left_px + caption.width_px,
        bottom=baseline_px + caption.descent_px,
    )
    cv2.rectangle(picture, (ground.left, ground.top), (ground.right, ground.bottom), BLACK, -1)
    cv2.putText(
        picture,
        caption.text,
        (left_px, baseline_px),
        FONT,
        caption.scale,
        caption.colour,
        caption.weight_px,
        cv2.LINE_AA,
    )
    return ground


def _draw_leader(
    picture: np.ndarray,
    label: Rectangle,
    box: Rectangle,
    colour: tuple[int, int, int],
    line_px: int,
) -> None:
    """Join a label to its box by the shortest line, on a black one that shows on bright tissue."""
    start, end = label.nearest_to(box), box.nearest_to(label)
    cv2.line(picture, start, end, BLACK, 3 * line_px)
    cv2.line(picture, start, end, colour, line_px)


def _draw_scale_bar(
    picture: np.ndarray, spacing_along_row_mm: float, lowest_px: int, line_px: int
) -> Rectangle:
    """Draw a bar of 10 mm above the notice, and return the ground that it takes."""
    caption = _caption(picture, f"{SCALE_BAR_MM:.0f} mm", WHITE)
    bar_px = round(SCALE_BAR_MM / spacing_along_row_mm)
    y_px = lowest_px - 3 * line_px
    cv2.line(picture, (line_px, y_px), (line_px + bar_px, y_px), BLACK, 3 * line_px)
    cv2.line(picture, (line_px, y_px), (line_px + bar_px, y_px), WHITE, line_px)
    text = _write(picture, caption, line_px, y_px - 2 * line_px - caption.descent_px)
    right_px = max(text.right, line_px + bar_px)
    return Rectangle(left=0, top=text.top, right=right_px, bottom=lowest_px)
