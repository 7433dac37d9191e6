"""The header of a film, as objects that refer to it take it over."""

import logging
import re
from pathlib import Path
from typing import Any

from pydicom import Dataset
from pydicom.uid import UID, generate_uid

from formats.dicom_reading.attributes import attributes_kept_quiet, read_attributes
from formats.dicom_reading.levels import LEVEL_KEYWORDS
from formats.dicom_reading.metadata import positive_numbers
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
DATE = re.compile(r"\d{4}(0[1-9]|1[0-2])(0[1-9]|1\d|2\d|3[01])")
TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?")
FORMS = {
    "PatientBirthDate": DATE,
    "PatientSex": re.compile(r"[MFO]"),
    "StudyDate": DATE,
    "StudyTime": TIME,
    "ContentDate": DATE,
    "ContentTime": TIME,
    "ImageLaterality": re.compile(r"[LRB]"),
    "Laterality": re.compile(r"[LR]"),
    "ViewPosition": re.compile(r"[A-Z]{2,5}"),
    "BurnedInAnnotation": re.compile(r"YES|NO"),
    "VOILUTFunction": re.compile(r"LINEAR|LINEAR_EXACT|SIGMOID"),
}
SPACINGS = ("ImagerPixelSpacing", "PixelSpacing")
WINDOW = ("WindowCenter", "WindowWidth")
IMAGE = (
    "Modality",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "PatientOrientation",
    "ViewCodeSequence",
)
# Of every film that is read.
SAMPLES_PER_PIXEL = 1
UNKNOWN_MODALITY = "OT"
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
    wanted = {*REFERENCES, "SeriesInstanceUID", *IMAGE, *FORMS, *SPACINGS, *LEVEL_KEYWORDS}
    person = {*PERSON, "SpecificCharacterSet"}
    keywords = wanted | person if with_person else wanted - person
    source = read_attributes(path, sorted(keywords))
    with attributes_kept_quiet(path):
        source.decode()
        _keep_what_can_be(source)
        for keyword in (*PERSON, "StudyDate", "StudyTime"):
            if keyword not in source:
                setattr(source, keyword, "")
        wrong = [name for name in REFERENCES if not _is_uid(source.get(name))]
        is_in_series = _is_uid(source.get("SeriesInstanceUID"))
    if wrong:
        raise InputError(
            f"{path}: no object can refer to this film, whose {' and '.join(wrong)} are missing "
            "or no UIDs; give the file as its device sent it"
        )
    if not is_in_series:
        logger.warning("%s: in no series; objects that refer to it name one of its own", path)
        source.SeriesInstanceUID = generate_uid(entropy_srcs=[source.SOPInstanceUID])
    source.SpecificCharacterSet = UTF_8
    return source


def _is_uid(value: Any) -> bool:
    return UID(str(value or "")).is_valid


def _keep_what_can_be(source: Dataset) -> None:
    for keyword in source.dir():
        if source[keyword].is_empty:
            delattr(source, keyword)
    for keyword, form in FORMS.items():
        if keyword in source and not form.fullmatch(str(source.get(keyword) or "")):
            delattr(source, keyword)
    for keyword in SPACINGS:
        if keyword in source and len(positive_numbers(source[keyword].value)) != 2:
            delattr(source, keyword)
    orientation = source.get("PatientOrientation", "")
    if "PatientOrientation" in source and (len(orientation) != 2 or not all(orientation)):
        del source.PatientOrientation
    widths = positive_numbers(source.get("WindowWidth"))
    if not widths or "WindowCenter" not in source or len(widths) != source["WindowCenter"].VM:
        for keyword in set(WINDOW) & set(source.dir()):
            delattr(source, keyword)
    source.SamplesPerPixel = SAMPLES_PER_PIXEL
    source.Modality = source.get("Modality", UNKNOWN_MODALITY)
