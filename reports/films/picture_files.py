"""Pictures as bytes of a file, made in less time than finding what they show."""

import io
from enum import StrEnum

import cv2
import numpy as np
from PIL import Image

from formats.errors import InputError
from formats.labels import LABEL_COLOURS, bgr_of

JPEG_QUALITY = 90
LONGEST_JPEG_SIDE_PX = 65_500
# Of a PNG's 256 colours: greys from black to white, and shades of each label's colour, which the
# smoothed letters need.
GREY_COUNT = 232
SHADE_COUNT = 8
# Of PNG, from 1 to 9; the others take longer than finding and save little.
FASTEST = 1


class PictureFormat(StrEnum):
    """Of annotated films and crops."""

    png = "png"
    jpg = "jpg"
    """A tenth of the size; fine texture is lost."""


def encode_picture(picture: np.ndarray, picture_format: PictureFormat) -> bytes:
    """Return the file of a (H, W) grey picture, or of a (H, W, 3) BGR one, uint8.

    A PNG in colour has a palette of greys and of the labels' colours, as annotated films do: a
    third of the bytes to press, at less than a grey level's difference.

    Raises:
        InputError: the format has no pictures of this size.
    """
    if picture_format is PictureFormat.jpg:
        height_px, width_px = picture.shape[:2]
        if max(height_px, width_px) > LONGEST_JPEG_SIDE_PX:
            raise InputError(
                f"{width_px} x {height_px} px are too many for a jpg, which has up to "
                f"{LONGEST_JPEG_SIDE_PX} a side; use --picture-format png"
            )
        quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        return cv2.imencode(".jpg", picture, quality)[1].tobytes()
    if picture.ndim == 2:
        return cv2.imencode(".png", picture)[1].tobytes()
    palette = _palette_bgr()
    image = Image.fromarray(_palette_indices(picture, palette))
    image.putpalette(palette[:, ::-1].tobytes())
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=FASTEST)
    return stream.getvalue()


def _palette_bgr() -> np.ndarray:
    """Return (N, 3) uint8 colours, the greys first."""
    greys = np.linspace(0, 255, GREY_COUNT)[:, None].repeat(3, axis=1)
    parts = np.arange(1, SHADE_COUNT + 1)[:, None] / SHADE_COUNT
    shades = [parts * np.array(bgr_of(colour)) for colour in LABEL_COLOURS.values()]
    return np.concatenate([greys, *shades]).round().astype(np.uint8)


def _palette_indices(picture_bgr: np.ndarray, palette_bgr: np.ndarray) -> np.ndarray:
    """Return the (H, W) index of the colour nearest to each pixel's."""
    blue, green, red = cv2.split(picture_bgr)
    nearest_grey = np.arange(256) * (GREY_COUNT - 1) / 255
    indices = cv2.LUT(green, nearest_grey.round().astype(np.uint8))
    is_coloured = cv2.bitwise_or(cv2.absdiff(blue, green), cv2.absdiff(red, green))
    at = cv2.findNonZero(is_coloured)
    if at is not None:
        x, y = at.reshape(-1, 2).T
        colours, which = np.unique(picture_bgr[y, x], axis=0, return_inverse=True)
        distance = colours[:, None].astype(int) - palette_bgr[None].astype(int)
        indices[y, x] = (distance**2).sum(axis=2).argmin(axis=1)[which.ravel()]
    return indices
