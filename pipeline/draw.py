"""Overlays: the film with its boxes, for a person to look at."""

import cv2
import numpy as np

from converters.images import apply_window, intensity_window
from pipeline.results import ImageResult

# BGR, told apart by most colour-blind people.
COLOURS = {"Benign": (230, 159, 0), "Cancer": (0, 94, 213)}
NOTICE = "Research software, not a medical device"
# Drawing sizes as parts of the film's shorter side.
LINE_PART = 0.004
LETTER_PART = 0.0011
FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_overlay(film: np.ndarray, result: ImageResult) -> np.ndarray:
    """Return a (H, W, 3) uint8 BGR picture of a (H, W) film with its boxes and labels."""
    picture = cv2.cvtColor(apply_window(film, intensity_window(film)), cv2.COLOR_GRAY2BGR)
    thickness_px = max(1, round(LINE_PART * min(film.shape)))
    for detection in result.detections:
        x1, y1, x2, y2 = (round(value) for value in detection.bbox_xyxy)
        colour = COLOURS[detection.label]
        cv2.rectangle(picture, (x1, y1), (x2, y2), colour, thickness_px)
        probability = detection.label_scores[detection.label]
        caption = f"{detection.label} {probability:.0%} (score {detection.score:.2f})"
        _write(picture, caption, x1, y1 - 2 * thickness_px, colour)
    if not result.detections:
        _write(picture, "Normal: no box above the operating point", 0, 0, (255, 255, 255))
    _write(picture, NOTICE, 0, picture.shape[0], (255, 255, 255))
    return picture


def _write(picture: np.ndarray, text: str, x_px: int, baseline_px: int, colour: tuple) -> None:
    """Write a line on a black ground, moved so that all of it is inside the picture."""
    height_px, width_px = picture.shape[:2]
    scale = max(0.35, LETTER_PART * min(height_px, width_px))
    weight_px = max(1, round(2 * scale))
    (text_width_px, text_height_px), descent_px = cv2.getTextSize(text, FONT, scale, weight_px)
    if text_width_px > width_px:
        scale *= width_px / text_width_px
        (text_width_px, text_height_px), descent_px = cv2.getTextSize(text, FONT, scale, weight_px)
    x_px = int(np.clip(x_px, 0, width_px - text_width_px))
    baseline_px = int(np.clip(baseline_px, text_height_px + descent_px, height_px - descent_px))
    cv2.rectangle(
        picture,
        (x_px, baseline_px - text_height_px - descent_px),
        (x_px + text_width_px, baseline_px + descent_px),
        (0, 0, 0),
        cv2.FILLED,
    )
    cv2.putText(picture, text, (x_px, baseline_px), FONT, scale, colour, weight_px, cv2.LINE_AA)
