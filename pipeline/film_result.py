"""From the boxes on a film to its result: how they are drawn, its label, its probabilities."""

from dataclasses import replace

import numpy as np

from formats.geometry.box_conventions import BoxConvention
from formats.results import Detection, ImageResult


def detection_result(
    film: np.ndarray,
    file_name: str,
    detections: list[Detection],
    operating_score: float,
    convention: BoxConvention,
) -> ImageResult:
    """Return the result for a (H, W) film from its boxes as they were found, best first.

    The result has them as the convention draws them. Boxes from the operating score on decide the
    film's label, all of them its probabilities.
    """
    height_px, width_px = film.shape
    return ImageResult(
        file_name=file_name,
        width=width_px,
        height=height_px,
        label=worst_label([d for d in detections if d.score >= operating_score]),
        scores=image_scores(detections),
        detections=[_redrawn(d, convention, height_px, width_px) for d in detections],
    )


def listed_from(result: ImageResult, lowest_score: float) -> ImageResult:
    """Return a result as it is when boxes from a higher score on count as found and are listed."""
    detections = [d for d in result.detections if d.score >= lowest_score]
    return replace(
        result,
        label=worst_label(detections),
        scores=image_scores(detections),
        detections=detections,
    )


def worst_label(detections: list[Detection]) -> str:
    """Return Cancer if any box is, else Benign if any is, else Normal."""
    labels = {detection.label for detection in detections}
    return next((label for label in ("Cancer", "Benign") if label in labels), "Normal")


def image_scores(detections: list[Detection]) -> dict[str, float]:
    """Return the image's probabilities of Normal, Benign and Cancer, which sum to 1.

    The image holds a tumour as surely as its best box does, and cancer as surely as the box that
    makes cancer most probable.
    """
    tumour = max((d.score for d in detections), default=0.0)
    cancer = max((d.score * d.label_scores["Cancer"] for d in detections), default=0.0)
    return {"Normal": 1 - tumour, "Benign": tumour - cancer, "Cancer": cancer}


def _redrawn(
    detection: Detection, convention: BoxConvention, height_px: int, width_px: int
) -> Detection:
    box_xyxy = convention.redraw(np.array([detection.bbox_xyxy]), height_px, width_px)[0]
    x1, y1, x2, y2 = box_xyxy.tolist()
    return replace(detection, bbox_xyxy=(x1, y1, x2, y2))
