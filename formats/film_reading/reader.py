"""Reading mammogram files as grey arrays, whatever their format.

`read_grey` and `read_film` are the door for everybody; `check_film` looks at the header alone.
Formats are known by content. What cannot be read without guessing is an `InputError`.
"""

import logging
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from formats.dicom_reading.reader import PRESENTED_MAMMOGRAMS, DicomOptions, check_dicom, read_dicom
from formats.dicom_reading.signature import HEAD_BYTES, holds_no_picture, is_dicom, is_dicomdir
from formats.errors import InputError
from formats.film_reading.air import has_bright_air
from formats.film_reading.intensity_window import (
    IntensityWindow,
    apply_window,
    burnt_in_limit,
    intensity_window,
    window_sample,
)
from formats.film_reading.metadata import FilmMetadata
from formats.film_reading.pictures import check_picture, read_picture, read_picture_thumbnail

__all__ = [
    "IMAGE_SUFFIXES",
    "PRESENTED_MAMMOGRAMS",
    "DicomOptions",
    "Film",
    "FilmMetadata",
    "IntensityWindow",
    "apply_window",
    "check_film",
    "intensity_window",
    "is_film_file",
    "read_film",
    "read_grey",
    "read_thumbnail",
]

logger = logging.getLogger(__name__)
IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".pgm"})
THUMBNAIL_SHRINKAGE = 8
# A film of fewer grey levels shows nothing.
LEAST_LEVELS = 4
# Padding surrounds the film; labels are smaller, and stay.
LEAST_PADDING_SHARE = 0.02


class Film(NamedTuple):
    """A film that was read."""

    pixels: np.ndarray
    """(H, W) uint8 or uint16, bright where there is much tissue."""
    metadata: FilmMetadata


def read_grey(path: Path, dicom: DicomOptions = PRESENTED_MAMMOGRAMS) -> np.ndarray:
    """Read a mammogram as a (H, W) uint8 or uint16 array, with the file's own depth.

    Colour becomes luminance and transparency is dropped. A negative is turned over, and padding
    far above the tissue becomes dark; a warning says so.

    Raises:
        InputError: the file is missing, no image, cut off, damaged, of several pages or frames,
            rotated by its EXIF tag, too small, too large, without contrast, or of a pixel type
            other than 8- or 16-bit integers; or a DICOM file that `dicom` does not let pass.
    """
    return read_film(path, dicom).pixels


def read_film(path: Path, dicom: DicomOptions = PRESENTED_MAMMOGRAMS) -> Film:
    """Read a mammogram as `read_grey`, with what its file says of it.

    Raises:
        InputError: as `read_grey`.
    """
    if is_dicom(read_head(path)):
        pixels, metadata = read_dicom(path, dicom)
    else:
        pixels, metadata = read_picture(path), FilmMetadata()
    sample = window_sample(pixels)
    limit = burnt_in_limit(sample)
    if limit is not None:
        pixels = _without_padding(path, pixels, limit)
        sample = window_sample(pixels)
    _check_contrast(path, sample)
    if has_bright_air(sample):
        logger.warning("%s: the air around the breast is bright: a negative, turned over", path)
        pixels = pixels.min() + (pixels.max() - pixels)
    return Film(pixels, metadata)


def read_thumbnail(path: Path) -> np.ndarray:
    """Read a film's picture as (h, w) uint8 or uint16, at an eighth where the format allows it.

    Raises:
        InputError: the file is missing or cannot be decoded.
    """
    if not is_dicom(read_head(path)):
        return read_picture_thumbnail(path)
    pixels, _ = read_dicom(path, PRESENTED_MAMMOGRAMS)
    shrink = 1 / THUMBNAIL_SHRINKAGE
    return cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)


def check_film(path: Path, dicom: DicomOptions = PRESENTED_MAMMOGRAMS) -> tuple[int, int]:
    """Return (height, width) in pixels of a film that is whole, by its header and its end alone.

    The pixels are not decoded: a flaw in the middle of the file stays unseen.

    Raises:
        InputError: as `read_grey`, less what only decoding shows.
    """
    return check_dicom(path, dicom) if is_dicom(read_head(path)) else check_picture(path)


def is_dicom_file(path: Path) -> bool:
    """Tell a DICOM file by its first bytes.

    Raises:
        InputError: the file cannot be read.
    """
    return is_dicom(read_head(path))


def is_study_index(path: Path) -> bool:
    """Tell whether a file is a DICOMDIR, which lists a study's films."""
    return is_dicomdir(read_head(path))


def is_film_file(path: Path) -> bool:
    """Tell pictures by their ending, DICOM films by their content.

    A DICOMDIR is none, nor are reports, presentation states and other objects without a picture.
    """
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return True
    try:
        head = read_head(path)
    except InputError:
        return False
    return is_dicom(head) and not is_dicomdir(head) and not holds_no_picture(head)


def read_head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error


def _without_padding(path: Path, pixels: np.ndarray, limit: int) -> np.ndarray:
    """Make padding far above the tissue as dark as the darkest pixel; labels stay."""
    is_padding = pixels > limit
    if is_padding.mean() < LEAST_PADDING_SHARE:
        return pixels
    logger.warning("%s: grey levels above %d are padding, made dark", path, limit)
    return np.where(is_padding, pixels.min(), pixels)


def _check_contrast(path: Path, sample: np.ndarray) -> None:
    low, high = intensity_window(sample)
    if high - low < LEAST_LEVELS - 1:
        raise InputError(
            f"{path}: no contrast (all grey levels lie between {low:.0f} and {high:.0f}); "
            "give the film as it was exposed"
        )
