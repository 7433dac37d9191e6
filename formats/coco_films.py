"""The films that a COCO file lists, read and held against what it says of them."""

from pathlib import Path

import numpy as np

from formats.coco import CocoImage
from formats.errors import InputError
from formats.films import read_grey


def read_listed_film(image: CocoImage, image_root: Path) -> np.ndarray:
    """Return a film's (H, W) grey levels.

    Raises:
        InputError: it cannot be read, or has another size than the COCO file says.
    """
    film = read_grey(image_root / image["file_name"])
    require_listed_size(film, image, image_root)
    return film


def require_listed_size(film: np.ndarray, image: CocoImage, image_root: Path) -> None:
    """Refuse a (H, W) film whose size is not the COCO file's: the boxes are of another edition.

    Raises:
        InputError: the sizes differ.
    """
    if film.shape != (image["height"], image["width"]):
        raise InputError(
            f"{image_root / image['file_name']}: {film.shape[1]}x{film.shape[0]} pixels, "
            f"but the COCO file says {image['width']}x{image['height']}, so its boxes are of "
            "another edition of the film; convert the data again"
        )
