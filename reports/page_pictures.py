"""Small pictures of films that stand in a page itself."""

import base64
from dataclasses import dataclass

import cv2
import numpy as np

JPEG_QUALITY = 80


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A film or a part of it, and what is to be said about it."""

    address: str
    """A JPEG as a data address."""
    file_name: str
    caption: str


def jpeg_address(picture: np.ndarray) -> str:
    """Return a (H, W, 3) uint8 BGR picture as a data address."""
    _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return "data:image/jpeg;base64," + base64.b64encode(encoded.tobytes()).decode("ascii")
