"""Findings as a Mammography CAD SR (PS3.16, TID 4000)."""

from collections.abc import Sequence

from highdicom import UID

from formats.dicom_objects.found import FilmFindings, centre_xy, outline_xy, percent
from formats.dicom_objects.mammography_cad import (
    CadAlgorithm,
    MammographyCadSR,
    SingleImageFinding,
)
from formats.dicom_objects.software import NAME, Software
from formats.notice import NOTICE


def cad_report(films: Sequence[FilmFindings], software: Software) -> MammographyCadSR:
    """Return one report of a study, with a finding for each box.

    Args:
        films: all that were looked at, of one study.
        software: what found the boxes.

    Raises:
        ValueError, TypeError, AttributeError: a header is none that the report can be made of.
    """
    findings = [
        SingleImageFinding(
            sop_instance_uid=film.source.SOPInstanceUID,
            centre_xy=centre_xy(detection),
            outline_xy=outline_xy(detection),
            certainty_percent=percent(detection.score),
            probability_of_cancer_percent=percent(detection.label_scores["Cancer"]),
        )
        for film in films
        for detection in film.result.detections
    ]
    return MammographyCadSR(
        images=[film.source for film in films],
        findings=findings,
        algorithm=CadAlgorithm(
            name=software.algorithm, version=software.version, parameters=software.parameters
        ),
        description=NOTICE,
        series_instance_uid=UID(),
        series_description=f"{NAME} CAD, research only",
        sop_instance_uid=UID(),
        manufacturer=NAME,
        manufacturer_model_name=software.algorithm,
        software_versions=software.version,
        device_serial_number=software.version,
    )
