"""Reading mammogram files as grey arrays, and their intensity window.

Pixels come back as stored: no rotation, no rescaling, 16 bit stays 16 bit. What cannot be read
without guessing is an `InputError`.
"""

import io
import os
from pathlib import Path
from typing import BinaryIO, NamedTuple

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from formats.errors import InputError

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".pgm"})
MIN_SIDE_PX = 32
MAX_PIXELS = 150_000_000
EXIF_ORIENTATION_TAG = 0x0112
# Where a whole file of the format must end, searched in its last bytes because some writers pad.
END_MARKERS = {"JPEG": b"\xff\xd9", "PNG": b"IEND"}
END_SEARCH_BYTES = 4096
READ_FLAGS = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
# An image this many times smaller has the same percentiles for the purpose of a window.
WINDOW_SAMPLE_SIDE_PX = 512
WINDOW_PERCENTILE = 99.9


class IntensityWindow(NamedTuple):
    """The grey levels that become black and white."""

    low: float
    high: float


def read_grey(path: Path) -> np.ndarray:
    """Read a mammogram as a (H, W) uint8 or uint16 array, with the file's own depth.

    Colour becomes luminance and transparency is dropped.

    Raises:
        InputError: the file is missing, no image, cut off, rotated by its EXIF tag, too small,
            too large, or of a pixel type other than 8- or 16-bit integers.
    """
    encoded = _read_bytes(path)
    _check_header(path, io.BytesIO(encoded), encoded[-END_SEARCH_BYTES:])
    image = _decode(encoded, READ_FLAGS)
    if image is None:
        raise InputError(f"{path}: the pixels cannot be decoded; save the image again as PNG")
    if image.dtype not in (np.uint8, np.uint16):
        raise InputError(
            f"{path}: pixels are {image.dtype}, not 8- or 16-bit integers; save it as 16-bit PNG"
        )
    return image


def read_thumbnail(path: Path) -> np.ndarray:
    """Read a film's picture as (h, w) uint8 or uint16, at an eighth where the format allows it.

    Raises:
        InputError: the file is missing or cannot be decoded.
    """
    flags = cv2.IMREAD_REDUCED_GRAYSCALE_8 | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
    image = _decode(_read_bytes(path), flags)
    if image is None:
        raise InputError(f"{path}: the pixels cannot be decoded; save the image again as PNG")
    return image


def check_film(path: Path) -> tuple[int, int]:
    """Return (height, width) in pixels of a film that is whole, by its header and its end alone.

    The pixels are not decoded: a flaw in the middle of the file stays unseen.

    Raises:
        InputError: as `read_grey`, less what only decoding shows.
    """
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - END_SEARCH_BYTES))
            tail = file.read()
            _check_not_empty(path, tail)
            return _check_header(path, file, tail)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error


def intensity_window(image: np.ndarray) -> IntensityWindow:
    """Find the window that makes films of any bit depth look alike.

    Black is the darkest level and white the 99.9th percentile, so that a 12-bit film stored in
    16 bits, its 8-bit copy, and a film with a few burnt-out pixels all come out the same.
    """
    step = max(1, min(image.shape) // WINDOW_SAMPLE_SIDE_PX)
    sample = image[::step, ::step]
    low = float(sample.min())
    high = float(np.percentile(sample, WINDOW_PERCENTILE))
    return IntensityWindow(low, max(high, low + 1.0))


def apply_window(image: np.ndarray, window: IntensityWindow) -> np.ndarray:
    """Map the window to 0..255 and return uint8, clipping what lies outside."""
    scale = 255.0 / (window.high - window.low)
    return cv2.convertScaleAbs(
        np.maximum(image, window.low).astype(np.float32), alpha=scale, beta=-window.low * scale
    )


def list_images(path: Path) -> list[Path]:
    """Return the file itself, or the image files below a folder in sorted order.

    Raises:
        InputError: nothing is there, or the folder holds no image.
    """
    if not path.is_dir():
        if not path.exists():
            raise InputError(f"{path}: no such file or folder; check the path")
        return [path]
    images = sorted(
        p for p in path.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file()
    )
    if not images:
        raise InputError(f"{path}: no image in this folder (looked for {sorted(IMAGE_SUFFIXES)})")
    return images


def _read_bytes(path: Path) -> bytes:
    try:
        encoded = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    _check_not_empty(path, encoded)
    return encoded


def _check_not_empty(path: Path, encoded: bytes) -> None:
    if not encoded:
        raise InputError(f"{path}: the file is empty; copy it again from its source")


def _check_header(path: Path, file: BinaryIO, tail: bytes) -> tuple[int, int]:
    """Return (height, width) in pixels; `tail` is the file's last bytes."""
    try:
        with Image.open(file) as header:
            width_px, height_px = header.size
            file_format = header.format or ""
            # The base class' own: that of PNG would decode the picture to look for a late tag.
            orientation = Image.Image.getexif(header).get(EXIF_ORIENTATION_TAG, 1)
    except Image.DecompressionBombError as error:
        raise InputError(f"{path}: {error}; reduce the image") from error
    except UnidentifiedImageError as error:
        # Pillow's own words name the open file by its address.
        raise InputError(f"{path}: not an image of a known format; check the file") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise InputError(f"{path}: not an image ({error}); check the file") from error
    if min(width_px, height_px) < MIN_SIDE_PX:
        raise InputError(
            f"{path}: {width_px}x{height_px} pixels is too small for a mammogram "
            f"(at least {MIN_SIDE_PX} each way); use the original file"
        )
    if width_px * height_px > MAX_PIXELS:
        raise InputError(
            f"{path}: {width_px}x{height_px} pixels is more than {MAX_PIXELS:,}; reduce the image"
        )
    if orientation not in (0, 1):
        raise InputError(
            f"{path}: EXIF orientation {orientation} leaves unclear which pixels a box means; "
            "save the image upright, without the tag"
        )
    marker = END_MARKERS.get(file_format)
    if marker and marker not in tail:
        raise InputError(f"{path}: the {file_format} is cut off; copy it again from its source")
    return height_px, width_px


def _decode(encoded: bytes, flags: int) -> np.ndarray | None:
    try:
        return cv2.imdecode(np.frombuffer(encoded, dtype=np.uint8), flags)
    except cv2.error:
        return None
