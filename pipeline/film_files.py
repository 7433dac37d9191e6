"""Many files through the two stages: a bad one is noted, the others go on."""

import csv
import io
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from formats.errors import InputError
from formats.films import read_grey
from formats.results import ImageResult
from pipeline.two_stage import TwoStage

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
)


@dataclass(frozen=True)
class InferredFile:
    """A file that was read, and what was found on it."""

    path: Path
    film: np.ndarray
    """(H, W) uint8 or uint16."""
    result: ImageResult


def infer_files(
    model: TwoStage, paths: Iterable[Path], operating_score: float
) -> Iterator[InferredFile | InputError]:
    """Yield for each file what is found from the operating score on, or why it cannot be read."""
    for path in paths:
        try:
            film = read_grey(path)
        except InputError as error:
            logger.error("error: %s", error)
            yield error
            continue
        result = model.predict(film, path.as_posix(), operating_score, operating_score)
        yield InferredFile(path, film, result)


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
