"""Reading a DICOM file's attributes: those that are asked for alone, and without a word of others.

pydicom quotes attributes in its messages and warnings, the person's too.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pydicom
from pydicom import Dataset
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from formats.dicom_reading.deflation import check_unfolded_size
from formats.errors import InputError
from formats.film_reading.library_messages import silent_libraries

# What pydicom and its decoders raise on files that are cut off or hold what cannot be.
READING_ERRORS = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def read_attributes(path: Path, keywords: Sequence[str], *, with_pixels: bool = False) -> Dataset:
    """Return a file's attributes by keyword, with or without preamble; the rest stays unread.

    Args:
        path: the file.
        keywords: of what is wanted.
        with_pixels: whether pixel data are among it; all before them is read otherwise.

    Raises:
        InputError: the file is missing, cut off or damaged.
    """
    with attributes_kept_quiet(path):
        try:
            check_unfolded_size(path)
            dataset = pydicom.dcmread(
                path,
                # Files without a preamble.
                force=True,
                specific_tags=list(keywords),
                stop_before_pixels=not with_pixels,
            )
        except OSError as error:
            reason = error.strerror
            raise InputError(f"{path}: cannot be read ({reason}); check the path") from error
        if "TransferSyntaxUID" not in dataset.file_meta:
            dataset.file_meta.TransferSyntaxUID = _plain_transfer_syntax(dataset)
    return dataset


def _plain_transfer_syntax(dataset: Dataset) -> UID:
    """Return how a file without meta information is encoded: never compressed."""
    is_implicit, is_little_endian = dataset.original_encoding
    if is_implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if is_little_endian else ExplicitVRBigEndian


@contextmanager
def attributes_kept_quiet(path: Path) -> Iterator[None]:
    """Say by the file's name alone what pydicom says in words that may quote any attribute.

    Raises:
        InputError: the attributes cannot be.
    """
    try:
        with silent_dicom_libraries():
            yield
    except READING_ERRORS as error:
        raise InputError(
            f"{path}: the DICOM file is cut off or damaged ({type(error).__name__}); "
            "copy it again from its source"
        ) from error


def silent_dicom_libraries() -> AbstractContextManager[None]:
    """Keep pydicom and highdicom from warning of attributes that are wrong: they quote them."""
    return silent_libraries("pydicom", "highdicom")
