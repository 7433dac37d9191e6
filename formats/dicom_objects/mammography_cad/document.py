"""The Mammography CAD SR as a DICOM object (PS3.3, A.35.5)."""

from collections.abc import Sequence
from typing import Any

from highdicom import SOPClass
from pydicom import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import ExplicitVRLittleEndian, MammographyCADSRStorage

from formats.dicom_objects.mammography_cad.content import cad_report
from formats.dicom_objects.mammography_cad.findings import (
    MAMMOGRAPHY_DENSITY,
    CadAlgorithm,
    SingleImageFinding,
)
from formats.dicom_objects.mammography_cad.row_check import template_violations


class MammographyCadSR(SOPClass):
    """What a CAD program found on the images of one study; it saves itself with `save_as`."""

    def __init__(
        self,
        *,
        images: Sequence[Dataset],
        findings: Sequence[SingleImageFinding],
        algorithm: CadAlgorithm,
        description: str,
        series_instance_uid: str,
        sop_instance_uid: str,
        manufacturer: str,
        series_number: int = 1,
        instance_number: int = 1,
        detected: Sequence[Code] = (MAMMOGRAPHY_DENSITY,),
        **equipment_and_series: Any,
    ) -> None:
        """Make the document.

        Args:
            images: headers of all images that were looked at, of one study; patient and study are
                taken from the first.
            findings: each on one of the images; none is a result too.
            algorithm: what looked at all images.
            description: what has to be known of all results, in a sentence.
            series_instance_uid: of the document's own series.
            sop_instance_uid: of the document.
            manufacturer: who makes the program.
            series_number: within the study, from 1.
            instance_number: within the series, from 1.
            detected: what the algorithm looks for, of CID 6014.
            **equipment_and_series: as `highdicom.SOPClass` takes them.

        Raises:
            ValueError: there is no image, the images are of several studies, a finding is on none
                of them, or the content breaks a row of its template; the message names the rows.
        """
        _check(images, findings)
        first = images[0]
        super().__init__(
            study_instance_uid=first.StudyInstanceUID,
            series_instance_uid=series_instance_uid,
            series_number=series_number,
            sop_instance_uid=sop_instance_uid,
            sop_class_uid=MammographyCADSRStorage,
            instance_number=instance_number,
            modality="SR",
            manufacturer=manufacturer,
            transfer_syntax_uid=ExplicitVRLittleEndian,
            patient_id=first.get("PatientID"),
            patient_name=first.get("PatientName"),
            patient_birth_date=first.get("PatientBirthDate"),
            patient_sex=first.get("PatientSex"),
            accession_number=first.get("AccessionNumber"),
            study_id=first.get("StudyID"),
            study_date=first.get("StudyDate"),
            study_time=first.get("StudyTime"),
            referring_physician_name=first.get("ReferringPhysicianName"),
            specific_character_set=first.get("SpecificCharacterSet"),
            **equipment_and_series,
        )
        self.CompletionFlag = "COMPLETE"
        self.VerificationFlag = "UNVERIFIED"
        # Required, and empty where nothing is known of them.
        self.PerformedProcedureCodeSequence: list[Dataset] = []
        self.ReferencedPerformedProcedureStepSequence: list[Dataset] = []
        self.update(cad_report(images, findings, algorithm, detected, description))
        self.CurrentRequestedProcedureEvidenceSequence = [_evidence(images)]
        violations = template_violations(self, images)
        if violations:
            raise ValueError("; ".join(violations))


def _check(images: Sequence[Dataset], findings: Sequence[SingleImageFinding]) -> None:
    if not images:
        raise ValueError("a report needs at least one image")
    studies = {image.StudyInstanceUID for image in images}
    if len(studies) > 1:
        raise ValueError(f"a report is of one study, not of {len(studies)}")
    known = {image.SOPInstanceUID for image in images}
    for finding in findings:
        if finding.sop_instance_uid not in known:
            raise ValueError(f"a finding is on {finding.sop_instance_uid}, none of the images")


def _evidence(images: Sequence[Dataset]) -> Dataset:
    """Return references to all images; highdicom collects none from items by reference."""
    series: dict[str, list[Dataset]] = {}
    for image in images:
        reference = Dataset()
        reference.ReferencedSOPClassUID = image.SOPClassUID
        reference.ReferencedSOPInstanceUID = image.SOPInstanceUID
        series.setdefault(image.SeriesInstanceUID, []).append(reference)
    study = Dataset()
    study.StudyInstanceUID = images[0].StudyInstanceUID
    study.ReferencedSeriesSequence = []
    for uid, references in series.items():
        item = Dataset()
        item.SeriesInstanceUID = uid
        item.ReferencedSOPSequence = references
        study.ReferencedSeriesSequence.append(item)
    return study
