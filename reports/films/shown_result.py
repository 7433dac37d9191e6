"""One film's result as HTML that stands in a notebook: the annotated film and a table of boxes."""

from html import escape

import cv2
import numpy as np

from formats.labels import LABEL_COLOURS
from formats.notice import NOTICE
from formats.results import Detection, ImageResult
from reports.films.annotated_film import draw_annotated_film
from reports.page_pictures import jpeg_address

HIGHEST_PX = 640
COLUMNS = ("", "Score", "Probability", "Box, x1 y1 x2 y2 px", "Size, mm")


def result_html(film: np.ndarray, result: ImageResult) -> str:
    """Return HTML without a page around it, which loads nothing.

    Args:
        film: (H, W) uint8 or uint16.
        result: what was found on it.
    """
    picture = draw_annotated_film(film, result)
    shrink = min(1.0, HIGHEST_PX / picture.shape[0])
    small = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    head = "".join(f"<th>{escape(column)}</th>" for column in COLUMNS)
    rows = "".join(_row(detection) for detection in result.detections)
    name = escape(result.file_name or "film")
    return (
        f'<figure><img src="{jpeg_address(small)}" alt="{name} with its boxes">'
        f"<figcaption><b>{name}: {escape(result.label)}</b><br>{escape(NOTICE)}</figcaption>"
        f"</figure><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(detection: Detection) -> str:
    box = " ".join(f"{edge:.0f}" for edge in detection.bbox_xyxy)
    size = " x ".join(f"{length:.1f}" for length in detection.size_mm or ())
    colour = LABEL_COLOURS[detection.label]
    numbers = (
        f"{detection.score:.2f}",
        f"{detection.label_scores[detection.label]:.0%}",
        box,
        size,
    )
    cells = "".join(f"<td>{number}</td>" for number in numbers)
    return f'<tr><td style="border-left: 10px solid {colour}">{detection.label}</td>{cells}</tr>'
