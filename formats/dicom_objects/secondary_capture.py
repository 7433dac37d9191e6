"""An annotated film as a Secondary Capture Image, for viewers that read nothing else."""

import cv2
import numpy as np
from highdicom.sc import SCImage
from pydicom import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import RLELossless

from formats.dicom_objects.content_items import coded
from formats.dicom_objects.found import side_of
from formats.dicom_objects.software import Software, made_by
from formats.notice import NOTICE


def secondary_capture(source: Dataset, picture: np.ndarray, software: Software) -> SCImage:
    """Return a picture of a film as an image of the film's study.

    Args:
        source: the film's header.
        picture: (H, W, 3) uint8 BGR, the film with its boxes and the notice.
        software: what found the boxes.

    Raises:
        ValueError, TypeError, AttributeError: the header is none that highdicom takes.
    """
    capture = SCImage.from_ref_dataset(
        ref_dataset=source,
        pixel_array=cv2.cvtColor(picture, cv2.COLOR_BGR2RGB),
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        # Mammograms have finer orientations than highdicom lets pass; the film's own follow.
        patient_orientation=("A", "F"),
        **made_by(software, "annotated film"),
        transfer_syntax_uid=RLELossless,
    )
    capture.PatientOrientation = source.get("PatientOrientation", "")
    capture.Laterality = side_of(source)
    capture.ImageComments = NOTICE
    capture.DerivationDescription = f"Boxes drawn by {software.algorithm} {software.version}"
    capture.SourceImageSequence = [_reference(source)]
    if "BurnedInAnnotation" in source:
        capture.BurnedInAnnotation = source.BurnedInAnnotation
    return capture


def _reference(source: Dataset) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = source.SOPClassUID
    item.ReferencedSOPInstanceUID = source.SOPInstanceUID
    purpose = codes.DCM.SourceImageForImageProcessingOperation
    item.PurposeOfReferenceCodeSequence = [coded(purpose)]
    return item
