"""The header of a film, as objects that refer to it take it over."""

import logging
import re
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import UID, generate_uid

from formats.dicom_file import attributes_kept_quiet, read_attributes
from formats.dicom_levels import LEVEL_KEYWORDS
from formats.errors import InputError

logger = logging.getLogger(__name__)
REFERENCES = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID")
PERSON = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "ReferringPhysicianName",
)
# What has to have a certain form, and the form; other values are not handed on.
FORMS = {
    "StudyDate": re.compile(r"\d{8}"),
    "StudyTime": re.compile(r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?"),
    "ContentDate": re.compile(r"\d{8}"),
    "ContentTime": re.compile(r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?"),
    "ImageLaterality": re.compile(r"[LRB]"),
    "Laterality": re.compile(r"[LR]"),
    "ViewPosition": re.compile(r"[A-Z]{2,5}"),
}
PAIRS = ("PatientOrientation", "ImagerPixelSpacing", "PixelSpacing")
IMAGE = (
    "Modality",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "SamplesPerPixel",
    "WindowCenterWidthExplanation",
    "ViewCodeSequence",
    "BurnedInAnnotation",
)
UTF_8 = "ISO_IR 192"


def read_source(path: Path, *, with_person: bool) -> Dataset:
    """Return of a film's header what reports, presentation states and captures of it need.

    Args:
        path: a DICOM film.
        with_person: whether name, number, birth date, sex and order of the person are among it.
            Otherwise they are empty, and are not even read.

    Raises:
        InputError: the file cannot be read, or lacks its own UID, its class's or its study's:
            nothing can refer to it.
    """
    keywords = (*REFERENCES, "SeriesInstanceUID", *IMAGE, *FORMS, *PAIRS, *LEVEL_KEYWORDS)
    if with_person:
        keywords = (*keywords, *PERSON, "SpecificCharacterSet")
    source = read_attributes(path, keywords)
    with attributes_kept_quiet(path):
        source.decode()
        _keep_what_can_be(source)
        for keyword in (*PERSON, "StudyDate", "StudyTime"):
            if keyword not in source:
                setattr(source, keyword, "")
        wrong = [name for name in REFERENCES if not UID(str(source.get(name) or "")).is_valid]
    if wrong:
        raise InputError(
            f"{path}: no object can refer to this film, whose {' and '.join(wrong)} are missing "
            "or no UIDs; give the file as its device sent it"
        )
    if not UID(str(source.get("SeriesInstanceUID") or "")).is_valid:
        logger.warning("%s: in no series; objects that refer to it name one of its own", path)
        source.SeriesInstanceUID = generate_uid(entropy_srcs=[source.SOPInstanceUID])
    source.SpecificCharacterSet = UTF_8
    return source


def _keep_what_can_be(source: Dataset) -> None:
    for keyword, form in FORMS.items():
        if keyword in source and not form.fullmatch(str(source.get(keyword) or "")):
            delattr(source, keyword)
    for keyword in PAIRS:
        values = source.get(keyword)
        if keyword in source and (not hasattr(values, "__len__") or len(values) != 2):
            delattr(source, keyword)
