"""Boxes in millimetres, where a film's file gives its spacing."""

from dataclasses import replace

from formats.film_reading.metadata import FilmMetadata
from formats.results import ImageResult

DIGITS = 2


def with_metadata(result: ImageResult, metadata: FilmMetadata) -> ImageResult:
    """Return a result with all that its film's file says, and with the size of each box.

    A DICOM study is a case.
    """
    detections = result.detections
    if metadata.spacing_mm is not None:
        y_mm, x_mm = metadata.spacing_mm
        detections = []
        for detection in result.detections:
            x1, y1, x2, y2 = detection.bbox_xyxy
            size_mm = (round((x2 - x1) * x_mm, DIGITS), round((y2 - y1) * y_mm, DIGITS))
            detections.append(replace(detection, size_mm=size_mm))
    return replace(
        result,
        detections=detections,
        sop_instance_uid=metadata.sop_instance_uid,
        spacing_mm=metadata.spacing_mm,
        spacing_source=metadata.spacing_source,
        study_label=metadata.study_label,
        case_id=metadata.study_instance_uid,
        side=metadata.side,
        view=metadata.view,
    )
