"""Findings as a Measurement Report with planar regions (PS3.16, TID 1500 and 1410)."""

from collections.abc import Sequence

import numpy as np
from highdicom import UID
from highdicom.sr import (
    AlgorithmIdentification,
    ComprehensiveSR,
    DeviceObserverIdentifyingAttributes,
    FindingSite,
    ImageRegion,
    Measurement,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    RelationshipTypeValues,
    SourceImageForMeasurementGroup,
    SourceImageForRegion,
    TextContentItem,
    TrackingIdentifier,
)
from pydicom import Dataset
from pydicom.sr.codedict import codes

from formats.dicom_objects.found import FilmFindings, outline_xy, percent, side_of
from formats.dicom_objects.software import DEVICE_UID, NAME, Software, made_by
from formats.notice import NOTICE, SHORT_NOTICE
from formats.results import Detection

CATEGORIES = {"Benign": codes.SCT.Benign, "Cancer": codes.SCT.Malignant}
SIDES = {"L": codes.SCT.Left, "R": codes.SCT.Right}


def measurement_report(films: Sequence[FilmFindings], software: Software) -> ComprehensiveSR:
    """Return one report of a study: a group for each box, and one for each film without any.

    A box's group has its outline on the source image, the more probable class as its category, how
    sure the networks are of a tumour and of cancer given one, and its size where it is known.

    Args:
        films: all that were looked at, of one study.
        software: what found the boxes.

    Raises:
        ValueError, TypeError, AttributeError: a header is none that highdicom takes.
    """
    groups = [group for film in films for group in _groups(film, software)]
    content = MeasurementReport(
        observation_context=_observation_context(software),
        procedure_reported=codes.SCT.Mammography,
        imaging_measurements=groups,
    )
    content[0].ContentSequence.append(
        TextContentItem(
            name=codes.DCM.Comment,
            value=NOTICE,
            relationship_type=RelationshipTypeValues.CONTAINS,
        )
    )
    return ComprehensiveSR(
        evidence=[film.source for film in films],
        content=content[0],
        **made_by(software, "findings"),
        is_complete=True,
    )


def _observation_context(software: Software) -> ObservationContext:
    device = DeviceObserverIdentifyingAttributes(
        uid=DEVICE_UID,
        name=f"{NAME} ({SHORT_NOTICE})",
        manufacturer_name=NAME,
        model_name=software.algorithm,
        serial_number=software.version,
    )
    return ObservationContext(
        observer_device_context=ObserverContext(
            observer_type=codes.DCM.Device, observer_identifying_attributes=device
        )
    )


def _groups(
    film: FilmFindings, software: Software
) -> list[PlanarROIMeasurementsAndQualitativeEvaluations | MeasurementsAndQualitativeEvaluations]:
    algorithm = AlgorithmIdentification(
        name=software.algorithm, version=software.version, parameters=software.parameters
    )
    if not film.result.detections:
        return [_nothing_found(film.source, algorithm)]
    return [
        _found(film.source, detection, number, algorithm)
        for number, detection in enumerate(film.result.detections, 1)
    ]


def _nothing_found(
    source: Dataset, algorithm: AlgorithmIdentification
) -> MeasurementsAndQualitativeEvaluations:
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(uid=UID(), identifier="no finding"),
        source_images=[SourceImageForMeasurementGroup.from_source_image(source)],
        algorithm_id=algorithm,
        finding_sites=_sites(source),
        qualitative_evaluations=[QualitativeEvaluation(codes.SCT.Lesion, codes.SCT.Absent)],
    )


def _found(
    source: Dataset, detection: Detection, number: int, algorithm: AlgorithmIdentification
) -> PlanarROIMeasurementsAndQualitativeEvaluations:
    region = ImageRegion(
        graphic_type="POLYLINE",
        graphic_data=np.array(outline_xy(detection)),
        source_image=SourceImageForRegion.from_source_image(source),
    )
    return PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(uid=UID(), identifier=f"finding {number}"),
        referenced_region=region,
        finding_type=codes.SCT.Lesion,
        finding_category=CATEGORIES[detection.label],
        algorithm_id=algorithm,
        finding_sites=_sites(source),
        measurements=_measurements(detection),
    )


def _sites(source: Dataset) -> list[FindingSite]:
    return [FindingSite(codes.SCT.Breast, laterality=SIDES.get(side_of(source)))]


def _measurements(detection: Detection) -> list[Measurement]:
    percents = (
        (codes.DCM.CertaintyOfFinding, detection.score),
        (codes.DCM.ProbabilityOfCancer, detection.label_scores["Cancer"]),
    )
    measurements = [
        Measurement(name=name, value=percent(share), unit=codes.UCUM.Percent)
        for name, share in percents
    ]
    if detection.size_mm is not None:
        names = (codes.SCT.Width, codes.DCM.Height)
        measurements += [
            Measurement(name=name, value=length_mm, unit=codes.UCUM.Millimeter)
            for name, length_mm in zip(names, detection.size_mm, strict=True)
        ]
    return measurements
