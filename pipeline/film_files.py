"""Many files through the two stages: a bad one is noted, the others go on."""

import csv
import io
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from formats.box_sizes import with_metadata
from formats.errors import InputError
from formats.films import PRESENTED_MAMMOGRAMS, DicomOptions, read_film
from formats.results import Detection, ImageResult
from pipeline.two_stage import TwoStage
from reports.annotated_film import draw_overlay

logger = logging.getLogger(__name__)
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
)


@dataclass(frozen=True)
class InferredFile:
    """A file that was read, and what was found on it."""

    path: Path
    film: np.ndarray
    """(H, W) uint8 or uint16."""
    result: ImageResult


def infer_files(
    model: TwoStage,
    paths: Iterable[Path],
    operating_score: float,
    dicom: DicomOptions = PRESENTED_MAMMOGRAMS,
) -> Iterator[InferredFile | InputError]:
    """Yield for each file what is found from the operating score on, or why it cannot be read."""
    for path in paths:
        try:
            film, metadata = read_film(path, dicom)
        except InputError as error:
            logger.error("error: %s", error)
            yield error
            continue
        result = model.predict(film, path.as_posix(), operating_score, operating_score)
        yield InferredFile(path, film, with_metadata(result, metadata))


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
        for detection in result.detections:
            probability = detection.label_scores[detection.label]
            numbers = (probability, detection.score, *detection.bbox_xyxy)
            writer.writerow(
                [
                    result.file_name,
                    detection.label,
                    *(f"{number:.4f}" for number in numbers),
                    *(detection.size_mm or ("", "")),
                    result.spacing_source or "",
                ]
            )
        if not result.detections:
            row = [result.file_name, "Normal"]
            writer.writerow([*row, *[""] * (len(CSV_COLUMNS) - len(row))])
    return stream.getvalue()


def write_overlay(inferred: InferredFile, output_dir: Path, taken_names: set[str]) -> Path:
    """Write the overlay PNG under a name that no other file of this run has taken."""
    name, copies = f"{inferred.path.stem}_overlay.png", 1
    while name in taken_names:
        copies += 1
        name = f"{inferred.path.stem}_{copies}_overlay.png"
    taken_names.add(name)
    encoded = cv2.imencode(".png", draw_overlay(inferred.film, inferred.result))[1]
    (output_dir / name).write_bytes(encoded.tobytes())
    return output_dir / name
