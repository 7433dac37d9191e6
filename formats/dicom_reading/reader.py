"""Reading mammograms from DICOM files.

Only attributes that this needs are read from the file: none of the person's can get into messages.
Their name and number are read only where they are asked for.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    UID,
    BreastTomosynthesisImageStorage,
    DigitalMammographyXRayImageStorageForProcessing,
)

from formats.dicom_reading.attributes import (
    READING_ERRORS,
    attributes_kept_quiet,
    read_attributes,
    silent_dicom_libraries,
)
from formats.dicom_reading.levels import LEVEL_KEYWORDS, grey_levels
from formats.dicom_reading.metadata import METADATA_KEYWORDS, PERSON_KEYWORDS, film_metadata
from formats.errors import InputError
from formats.film_reading.library_messages import caught_messages, damage_in
from formats.film_reading.metadata import FilmMetadata
from formats.film_reading.size import check_size

KEYWORDS = (
    *LEVEL_KEYWORDS,
    *METADATA_KEYWORDS,
    "SOPClassUID",
    "Modality",
    "PresentationIntentType",
    "NumberOfFrames",
    "SamplesPerPixel",
    "PlanarConfiguration",
    "Rows",
    "Columns",
)
PIXEL_KEYWORDS = (
    "PixelData",
    "FloatPixelData",
    "DoubleFloatPixelData",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
)
# What decoders written in Rust raise, a kind of its own that is no Exception.
RUST_PANIC = "PanicException"
SAVE_UNCOMPRESSED = "save the film uncompressed, for example with gdcmconv --raw or dcmdjpeg"
# All that decode for pydicom and have permissive licences, by what pydicom says is missing.
DECODER_PACKAGES = {
    "gdcm>=": "python-gdcm",
    "pyjpegls>=": "pyjpegls",
    "pylibjpeg-openjpeg>=": "pylibjpeg-openjpeg",
    "pillow>=": "pillow",
}


@dataclass(frozen=True, kw_only=True)
class DicomOptions:
    """How DICOM files are read."""

    voi: int = 1
    """Which of a file's VOI LUTs and windows is applied, from 1: the LUTs first."""
    allow_for_processing: bool = False
    """Read raw films too, which look unlike those that networks learn from."""
    any_modality: bool = False
    """Read pictures of other modalities than MG too."""
    study_label: bool = False
    """Read the person's name and number too, into `FilmMetadata.study_label`."""


PRESENTED_MAMMOGRAMS = DicomOptions()


def read_dicom(path: Path, options: DicomOptions) -> tuple[np.ndarray, FilmMetadata]:
    """Read a film as (H, W) uint8 or uint16, and what its file says of it.

    Grey levels are those for viewing (`dicom_levels.grey_levels`), padding is as dark as the
    darkest pixel.

    Raises:
        InputError: the file is missing, cut off or damaged; no single film for presentation; its
            transfer syntax needs a decoder that is not installed; or its values cannot be.
    """
    person = PERSON_KEYWORDS if options.study_label else ()
    dataset = read_attributes(path, [*KEYWORDS, *person, *PIXEL_KEYWORDS], with_pixels=True)
    with attributes_kept_quiet(path):
        _check_film(path, dataset, options)
    pixels = _decode(path, dataset)
    try:
        with silent_dicom_libraries():
            return grey_levels(dataset, pixels, options.voi), film_metadata(dataset)
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise InputError(
            f"{path}: no grey levels follow from its header ({error}); give another copy"
        ) from error


def check_dicom(path: Path, options: DicomOptions) -> tuple[int, int]:
    """Return (height, width) in pixels of a film by its header; pixels are not decoded.

    Raises:
        InputError: as `read_dicom`, less what only decoding shows.
    """
    dataset = read_attributes(path, KEYWORDS)
    with attributes_kept_quiet(path):
        _check_film(path, dataset, options)
        return dataset.Rows, dataset.Columns


def _check_film(path: Path, dataset: Dataset, options: DicomOptions) -> None:
    """Refuse what is no single mammogram for presentation, and headers that cannot be."""
    kind = UID(str(dataset.get("SOPClassUID") or "")).name or "DICOM object of unknown kind"
    if "Rows" not in dataset or "Columns" not in dataset:
        raise InputError(f"{path}: {kind}, which holds no picture; give the films themselves")
    frame_count = int(dataset.get("NumberOfFrames") or 1)
    if frame_count > 1 or dataset.get("SOPClassUID") == BreastTomosynthesisImageStorage:
        raise InputError(
            f"{path}: {kind} of {frame_count} frames, where one film is expected; give the "
            "two-dimensional view, or save the frame that matters as a film of its own"
        )
    modality = dataset.get("Modality") or "none"
    if modality != "MG" and not options.any_modality:
        raise InputError(
            f"{path}: modality {modality} ({kind}) is not MG; give a mammogram, or "
            "--any-modality if it is one under another name"
        )
    is_raw = (
        dataset.get("PresentationIntentType") == "FOR PROCESSING"
        or dataset.get("SOPClassUID") == DigitalMammographyXRayImageStorageForProcessing
    )
    if is_raw and not options.allow_for_processing:
        raise InputError(
            f"{path}: a raw film (FOR PROCESSING), whose grey levels are not those that are "
            "looked at and learnt from; give the one FOR PRESENTATION, or --allow-for-processing"
        )
    _check_pixel_description(path, dataset)
    check_size(path, dataset.Rows, dataset.Columns)


def _check_pixel_description(path: Path, dataset: Dataset) -> None:
    photometric = dataset.get("PhotometricInterpretation") or "none"
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise InputError(
            f"{path}: photometric interpretation {photometric} is a picture in colour, "
            "no film; give the original film"
        )
    dataset.PixelRepresentation = dataset.get("PixelRepresentation") or 0
    allocated = dataset.get("BitsAllocated")
    if allocated not in (8, 16) or not 1 <= (dataset.get("BitsStored") or 0) <= allocated:
        raise InputError(
            f"{path}: {dataset.get('BitsStored')} bits stored in {allocated}, where 8 to 16 in "
            "8 or 16 are expected; save the film with 16 bits"
        )


def _decode(path: Path, dataset: Dataset) -> np.ndarray:
    """Return (H, W) integers as the file has them."""
    with silent_dicom_libraries():
        syntax = UID(str(dataset.file_meta.TransferSyntaxUID))
    if "PixelData" not in dataset:
        raise InputError(f"{path}: its header promises a film and no pixels follow; copy it again")
    _check_decoder(path, syntax)
    try:
        with caught_messages() as messages, silent_dicom_libraries():
            # Unused bits stay: they tell padding from pixels.
            pixels = pixel_array(dataset, raw=True, view_only=True, correct_unused_bits=False)
    except BaseException as error:
        if not isinstance(error, READING_ERRORS) and type(error).__name__ != RUST_PANIC:
            raise
        raise InputError(
            f"{path}: the pixels ({syntax.name}) cannot be decoded ({' '.join(str(error).split())})"
            f"; copy it again, or {SAVE_UNCOMPRESSED}"
        ) from error
    damage = damage_in(messages)
    if damage:
        raise InputError(f"{path}: the file is damaged ({damage}); copy it again from its source")
    return pixels.astype(pixels.dtype.newbyteorder("="), copy=False)


def _check_decoder(path: Path, syntax: UID) -> None:
    """Refuse a film whose transfer syntax nothing that is installed can decode."""
    try:
        with silent_dicom_libraries():
            decoder = get_decoder(syntax)
    except NotImplementedError as error:
        raise InputError(
            f"{path}: transfer syntax {syntax.name} has no decoder; {SAVE_UNCOMPRESSED}"
        ) from error
    if decoder.is_available:
        return
    missing = " ".join(decoder.missing_dependencies)
    packages = [package for words, package in DECODER_PACKAGES.items() if words in missing]
    raise InputError(
        f"{path}: transfer syntax {syntax.name} needs a decoder; install "
        f"{' or '.join(packages)} (pip install mammo-two-stage[dicom]), or {SAVE_UNCOMPRESSED}"
    )
