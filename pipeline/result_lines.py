"""What was found on films, as lines for people and as a table."""

import csv
import io
from collections.abc import Iterable

from formats.results import ImageResult

CSV_COLUMNS = (
    "file_name",
    "label",
    "probability",
    "score",
    "x_min_px",
    "y_min_px",
    "x_max_px",
    "y_max_px",
)


def describe(result: ImageResult) -> str:
    """Return one readable line for each box, or one that says Normal."""
    if not result.detections:
        return f"{result.file_name}: Normal (no box above the operating point)"
    lines = []
    for detection in result.detections:
        x1, y1, x2, y2 = (round(value) for value in detection.bbox_xyxy)
        lines.append(
            f"{result.file_name}: {detection.label} "
            f"probability {detection.label_scores[detection.label]:.2f} "
            f"score {detection.score:.2f} "
            f"box {x1},{y1},{x2},{y2} px"
        )
    return "\n".join(lines)


def results_to_csv(results: Iterable[ImageResult]) -> str:
    """Return a table with a row for each box, and one that says Normal where there is none."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for result in results:
        for detection in result.detections:
            probability = detection.label_scores[detection.label]
            numbers = (probability, detection.score, *detection.bbox_xyxy)
            writer.writerow(
                [result.file_name, detection.label, *(f"{number:.4f}" for number in numbers)]
            )
        if not result.detections:
            writer.writerow([result.file_name, "Normal", "", "", "", "", "", ""])
    return stream.getvalue()
