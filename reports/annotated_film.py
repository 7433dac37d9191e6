"""Overlays: the film with its boxes, for a person to look at."""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from formats.films import apply_window, intensity_window
from formats.results import ImageResult

# BGR, told apart by most colour-blind people.
COLOURS = {"Benign": (230, 159, 0), "Cancer": (0, 94, 213)}
NOTICE = "Research software, not a medical device"
# Drawing sizes as parts of the film's shorter side.
LINE_PART = 0.004
LETTER_PART = 0.0011
FONT = cv2.FONT_HERSHEY_SIMPLEX
WHITE = (255, 255, 255)


@dataclass(frozen=True)
class Caption:
    """A line of text with its place in the picture."""

    text: str
    colour: tuple[int, int, int]
    scale: float
    weight_px: int
    left_px: int
    baseline_px: int
    width_px: int
    ascent_px: int
    descent_px: int

    def covers(self, other: "Caption") -> bool:
        """Whether the two lie on each other."""
        apart_sideways = (
            self.left_px >= other.left_px + other.width_px
            or other.left_px >= self.left_px + self.width_px
        )
        apart_in_height = (
            self.baseline_px - self.ascent_px >= other.baseline_px + other.descent_px
            or other.baseline_px - other.ascent_px >= self.baseline_px + self.descent_px
        )
        return not (apart_sideways or apart_in_height)


def write_overlay(
    film: np.ndarray, result: ImageResult, output_dir: Path, taken_names: set[str]
) -> Path:
    """Write the PNG of a (H, W) film under a name that no other file of this run has taken."""
    stem, copies = Path(result.file_name).stem, 1
    name = f"{stem}_overlay.png"
    while name in taken_names:
        copies += 1
        name = f"{stem}_{copies}_overlay.png"
    taken_names.add(name)
    encoded = cv2.imencode(".png", draw_overlay(film, result))[1]
    (output_dir / name).write_bytes(encoded.tobytes())
    return output_dir / name


def draw_overlay(film: np.ndarray, result: ImageResult) -> np.ndarray:
    """Return a (H, W, 3) uint8 BGR picture of a (H, W) film with its boxes and labels."""
    picture = cv2.cvtColor(apply_window(film, intensity_window(film)), cv2.COLOR_GRAY2BGR)
    thickness_px = max(1, round(LINE_PART * min(film.shape)))
    for detection in result.detections:
        x1, y1, x2, y2 = (round(value) for value in detection.bbox_xyxy)
        cv2.rectangle(picture, (x1, y1), (x2, y2), COLOURS[detection.label], thickness_px)
    written: list[Caption] = [_caption(picture, NOTICE, 0, picture.shape[0], WHITE)]
    for detection in result.detections:
        x1, y1 = (round(value) for value in detection.bbox_xyxy[:2])
        probability = detection.label_scores[detection.label]
        text = f"{detection.label} {probability:.0%} (score {detection.score:.2f})"
        colour = COLOURS[detection.label]
        caption = _caption(picture, text, x1, y1 - 2 * thickness_px, colour)
        written.append(_moved_off(caption, written, picture.shape[0]))
    if not result.detections:
        written.append(_caption(picture, "Normal: no box above the operating point", 0, 0, WHITE))
    for caption in written:
        _write(picture, caption)
    return picture


def _caption(
    picture: np.ndarray, text: str, x_px: int, baseline_px: int, colour: tuple[int, int, int]
) -> Caption:
    """Size and place a line so that all of it is inside the picture."""
    height_px, width_px = picture.shape[:2]
    scale = max(0.35, LETTER_PART * min(height_px, width_px))
    weight_px = max(1, round(2 * scale))
    (text_width_px, text_height_px), descent_px = cv2.getTextSize(text, FONT, scale, weight_px)
    if text_width_px > width_px:
        scale *= width_px / text_width_px
        (text_width_px, text_height_px), descent_px = cv2.getTextSize(text, FONT, scale, weight_px)
    return Caption(
        text,
        colour,
        scale,
        weight_px,
        left_px=int(np.clip(x_px, 0, width_px - text_width_px)),
        baseline_px=int(np.clip(baseline_px, text_height_px + descent_px, height_px - descent_px)),
        width_px=text_width_px,
        ascent_px=text_height_px + descent_px,
        descent_px=descent_px,
    )


def _moved_off(caption: Caption, written: list[Caption], height_px: int) -> Caption:
    """Move a caption down, then up, until it covers none that is written; else leave it."""
    step_px = caption.ascent_px + caption.descent_px
    below = range(caption.baseline_px, height_px - caption.descent_px + 1, step_px)
    above = range(caption.baseline_px, caption.ascent_px - 1, -step_px)
    for baseline_px in (*below, *above):
        moved = replace(caption, baseline_px=baseline_px)
        if not any(moved.covers(other) for other in written):
            return moved
    return caption


def _write(picture: np.ndarray, caption: Caption) -> None:
    """Write a line on a black ground."""
    cv2.rectangle(
        picture,
        (caption.left_px, caption.baseline_px - caption.ascent_px),
        (caption.left_px + caption.width_px, caption.baseline_px + caption.descent_px),
        (0, 0, 0),
        cv2.FILLED,
    )
    place = (caption.left_px, caption.baseline_px)
    weight_px, style = caption.weight_px, cv2.LINE_AA
    cv2.putText(picture, caption.text, place, FONT, caption.scale, caption.colour, weight_px, style)
