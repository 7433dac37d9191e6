"""The films that a COCO file lists, read and held against what it says of them."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from formats.coco_records import CocoImage
from formats.errors import InputError
from formats.faults import Faults
from formats.film_reading.paths import film_path
from formats.film_reading.reader import read_grey


def read_listed_film(image: CocoImage, image_root: Path) -> np.ndarray:
    """Return a film's (H, W) grey levels.

    Raises:
        InputError: it cannot be read, or has another size than the COCO file says.
    """
    film = read_grey(film_path(image_root, image["file_name"]))
    require_listed_size(film, image, image_root)
    return film


def require_listed_size(film: np.ndarray, image: CocoImage, image_root: Path) -> None:
    """Refuse a (H, W) film whose size is not the COCO file's: the boxes are of another edition.

    Raises:
        InputError: the sizes differ.
    """
    if film.shape != (image["height"], image["width"]):
        raise InputError(
            f"{film_path(image_root, image['file_name'])}: {film.shape[1]}x{film.shape[0]} pixels, "
            f"but the COCO file says {image['width']}x{image['height']}, so its boxes are of "
            "another edition of the film; convert the data again"
        )


def require_films(images: Iterable[CocoImage], image_root: Path) -> None:
    """Refuse a COCO file whose films are not below the image root, before the work begins.

    Raises:
        InputFaultsError: films are missing, or two records lead to one film.
    """
    faults = Faults(image_root)
    name_of: dict[Path, str] = {}
    for image in images:
        name = image["file_name"]
        path = film_path(image_root, name)
        if not path.is_file():
            faults.add(f"{name}: no such film", "check the image root and the listed names")
            continue
        other = name_of.setdefault(path, name)
        if other != name:
            faults.add(
                f"{other} and {name} are both found as {path.relative_to(image_root)}",
                "give the folder that the listed names begin in",
            )
    faults.raise_any()
