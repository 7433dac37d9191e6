"""Reading PNG, JPEG, TIFF, BMP and PGM as grey arrays, pixel for pixel.

Pixels come back as stored: no rotation, no rescaling, 16 bit stays 16 bit. What cannot be read
without guessing is an `InputError`.
"""

import io
import logging
import operator
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
import tifffile
from PIL import Image, UnidentifiedImageError

from formats.errors import InputError
from formats.film_reading.library_messages import caught_messages, damage_in, silent_libraries
from formats.film_reading.size import check_size

logger = logging.getLogger(__name__)
ORIENTATION_TAG = 0x0112
TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# Where a whole file of the format must end, searched in its last bytes because some writers pad.
END_MARKERS = {"JPEG": b"\xff\xd9", "PNG": b"IEND"}
END_SEARCH_BYTES = 4096
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Length, kind and checksum around each part's content.
PNG_CHUNK_FRAME_BYTES = 12
ASCII_PNM_SIGNATURES = (b"P1", b"P2", b"P3")
UNREADABLE_TIFF = (
    *(tifffile.TiffFileError, struct.error, OSError),
    *(IndexError, OverflowError, TypeError, ValueError),
)
# Formats whose further pictures are copies of the first: other sizes, other eyes.
FORMATS_WITH_COPIES = frozenset({"MPO"})
READ_FLAGS = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
THUMBNAIL_FLAGS = (
    cv2.IMREAD_REDUCED_GRAYSCALE_8 | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
)


@dataclass(frozen=True, kw_only=True)
class PictureHeader:
    """What a picture's header says."""

    file_format: str
    height_px: int
    width_px: int
    page_count: int
    orientation: int
    """As in EXIF: 1 is upright; 0 is written by some for unknown."""
    is_white_zero: bool = False
    """A TIFF whose lowest level is white."""


def read_picture(path: Path) -> np.ndarray:
    """Read a picture as a (H, W) uint8 or uint16 array, with the file's own depth.

    Colour becomes luminance and transparency is dropped.

    Raises:
        InputError: the file is missing, no image, cut off, damaged, of several pages, rotated by
            its EXIF tag, too small, too large, or of a pixel type other than 8- or 16-bit integers.
    """
    encoded = _read_bytes(path)
    header = _read_header(path, io.BytesIO(encoded), encoded[-END_SEARCH_BYTES:])
    image = _decode(path, encoded, READ_FLAGS)
    if image.dtype not in (np.uint8, np.uint16):
        raise InputError(
            f"{path}: pixels are {image.dtype}, not 8- or 16-bit integers; save it as 16-bit PNG"
        )
    # OpenCV turns 8 bits over itself.
    if header.is_white_zero and image.dtype == np.uint16:
        return np.iinfo(np.uint16).max - image
    return image


def read_picture_thumbnail(path: Path) -> np.ndarray:
    """Read a picture as (h, w) uint8 or uint16, at an eighth where the format allows it.

    Raises:
        InputError: the file is missing or cannot be decoded.
    """
    return _decode(path, _read_bytes(path), THUMBNAIL_FLAGS)


def check_picture(path: Path) -> tuple[int, int]:
    """Return (height, width) in pixels of a picture that is whole, by its header and end alone.

    The pixels are not decoded: a flaw in the middle of the file stays unseen.

    Raises:
        InputError: as `read_picture`, less what only decoding shows.
    """
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - END_SEARCH_BYTES))
            tail = file.read()
            _check_not_empty(path, tail)
            header = _read_header(path, file, tail)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    return header.height_px, header.width_px


def _read_bytes(path: Path) -> bytes:
    try:
        encoded = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    _check_not_empty(path, encoded)
    # OpenCV misses the last number where no line feed ends it.
    return encoded + b"\n" if encoded.startswith(ASCII_PNM_SIGNATURES) else encoded


def _check_not_empty(path: Path, encoded: bytes) -> None:
    if not encoded:
        raise InputError(f"{path}: the file is empty; copy it again from its source")


def _read_header(path: Path, file: BinaryIO, tail: bytes) -> PictureHeader:
    """Read and check the header; `tail` is the file's last bytes."""
    file.seek(0)
    is_tiff = file.read(4) in TIFF_SIGNATURES
    file.seek(0)
    header = _read_tiff_header(path, file) if is_tiff else _read_pillow_header(path, file)
    check_size(path, header.height_px, header.width_px)
    if header.page_count > 1:
        raise InputError(
            f"{path}: a {header.file_format} of {header.page_count} pages, where one film is "
            "expected; save each page as a file of its own"
        )
    if header.orientation not in (0, 1):
        raise InputError(
            f"{path}: EXIF orientation {header.orientation} leaves unclear which pixels a box "
            "means; save the image upright, without the tag"
        )
    marker = END_MARKERS.get(header.file_format)
    is_cut = marker is not None and marker not in tail
    if is_cut or (header.file_format == "PNG" and not _has_whole_chunks(file)):
        raise InputError(
            f"{path}: the {header.file_format} is cut off; copy it again from its source"
        )
    return header


def _has_whole_chunks(file: BinaryIO) -> bool:
    """Tell whether every part of a PNG ends within the file.

    OpenCV would set aside as much memory as a part claims to have.
    """
    file_bytes = file.seek(0, os.SEEK_END)
    start = len(PNG_SIGNATURE)
    while start + PNG_CHUNK_FRAME_BYTES <= file_bytes:
        file.seek(start)
        length, kind = struct.unpack(">I4s", file.read(8))
        start += PNG_CHUNK_FRAME_BYTES + length
        if kind == END_MARKERS["PNG"]:
            return start <= file_bytes
    return False


def _read_pillow_header(path: Path, file: BinaryIO) -> PictureHeader:
    try:
        with silent_libraries("PIL"), Image.open(file) as image:
            width_px, height_px = image.size
            file_format = image.format or ""
            has_copies = file_format in FORMATS_WITH_COPIES
            return PictureHeader(
                file_format=file_format,
                height_px=height_px,
                width_px=width_px,
                page_count=1 if has_copies else getattr(image, "n_frames", 1),
                # The base class' own: that of PNG would decode the picture to look for a late tag.
                orientation=Image.Image.getexif(image).get(ORIENTATION_TAG, 1),
            )
    except Image.DecompressionBombError as error:
        raise InputError(f"{path}: {error}; reduce the image") from error
    except UnidentifiedImageError as error:
        # Pillow's own words name the open file by its address.
        raise InputError(f"{path}: not an image of a known format; check the file") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise InputError(f"{path}: not an image ({error}); check the file") from error


def _read_tiff_header(path: Path, file: BinaryIO) -> PictureHeader:
    """Read it with tifffile: Pillow knows fewer pixel types than OpenCV decodes."""
    try:
        with silent_libraries("tifffile"), tifffile.TiffFile(file) as tiff:
            page = tiff.pages.first
            orientation = page.tags.get(ORIENTATION_TAG)
            # Of a damaged file each of them may be a text or several numbers.
            return PictureHeader(
                file_format="TIFF",
                height_px=operator.index(page.imagelength),
                width_px=operator.index(page.imagewidth),
                page_count=len(tiff.pages),
                orientation=operator.index(orientation.value) if orientation else 1,
                is_white_zero=page.photometric == tifffile.PHOTOMETRIC.MINISWHITE,
            )
    except UNREADABLE_TIFF as error:
        raise InputError(f"{path}: the TIFF is cut off or damaged; copy it again") from error


def _decode(path: Path, encoded: bytes, flags: int) -> np.ndarray:
    with caught_messages() as messages:
        try:
            image = cv2.imdecode(np.frombuffer(encoded, dtype=np.uint8), flags)
        except cv2.error:
            image = None
    if image is None:
        raise InputError(f"{path}: the pixels cannot be decoded; save the image again as PNG")
    damage = damage_in(messages)
    if damage:
        raise InputError(f"{path}: the file is damaged ({damage}); copy it again from its source")
    for line in messages:
        logger.warning("%s: %s", path, line)
    return image
