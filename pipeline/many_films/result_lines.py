"""What was found on films, as lines for people and as a table."""

import csv
import io
from collections.abc import Iterable

from formats.results import Detection, ImageResult

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
CSV_COLUMNS = (
    "file_name",
    "label",
    "probability",
    "score",
    "x_min_px",
    "y_min_px",
    "x_max_px",
    "y_max_px",
    "width_mm",
    "height_mm",
    "spacing_source",
    "sop_instance_uid",
    "study_label",
)
BOX_COLUMNS = CSV_COLUMNS[2:-2]


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
            f"box {x1},{y1},{x2},{y2} px{_describe_size(result, detection)}"
        )
    return "\n".join(lines)


def _describe_size(result: ImageResult, detection: Detection) -> str:
    if detection.size_mm is None:
        return ""
    width_mm, height_mm = detection.size_mm
    return f", {width_mm:.1f} x {height_mm:.1f} mm by {result.spacing_source}"


def results_to_csv(results: Iterable[ImageResult]) -> str:
    """Return a table with a row for each box, and one that says Normal where there is none."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for result in results:
        origin = [result.sop_instance_uid or "", _as_text(result.study_label or "")]
        for detection in result.detections:
            probability = detection.label_scores[detection.label]
            numbers = (probability, detection.score, *detection.bbox_xyxy)
            writer.writerow(
                [
                    _as_path(result.file_name),
                    detection.label,
                    *(f"{number:.4f}" for number in numbers),
                    *(detection.size_mm or ("", "")),
                    result.spacing_source or "",
                    *origin,
                ]
            )
        if not result.detections:
            row = [_as_path(result.file_name), "Normal"]
            writer.writerow([*row, *[""] * len(BOX_COLUMNS), *origin])
    return stream.getvalue()


def _as_path(file_name: str) -> str:
    """Write a name that spreadsheets would run as a formula so that it still finds the file."""
    return f"./{file_name}" if file_name.startswith(FORMULA_SIGNS) else file_name


def _as_text(words: str) -> str:
    """Quote words that spreadsheets would run as a formula."""
    return f"'{words}" if words.startswith(FORMULA_SIGNS) else words
