"""The films of an export: held against what is listed of them, named, and put into their places."""

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import cv2

from formats.coco_films import require_films
from formats.coco_records import CocoImage
from formats.dicom_reading.signature import is_dicom
from formats.faults import Faults
from formats.film_reading.paths import film_path
from formats.film_reading.reader import DicomOptions, check_film, read_grey, read_head
from formats.whole_file import write_whole

# By these endings the tools know a picture; a film with any other becomes PNG.
PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"})


@dataclass(frozen=True)
class FilmNames:
    """What films are called in an export."""

    by_listed: dict[str, str]
    """By their listed names."""
    notes: tuple[str, ...]
    """Which were numbered."""


def require_usable_films(
    images: Sequence[CocoImage], image_root: Path, dicom: DicomOptions
) -> None:
    """Refuse films that are missing, unreadable or of another size than listed, by their headers.

    Raises:
        InputError: a film cannot be read.
        InputFaultsError: films are missing or of another size, or two records lead to one film.
    """
    require_films(images, image_root)
    faults = Faults(image_root)
    for image in images:
        path = film_path(image_root, image["file_name"])
        height_px, width_px = check_film(path, dicom)
        if (height_px, width_px) != (image["height"], image["width"]):
            faults.add(
                f"{image['file_name']}, found as {path}, has {width_px}x{height_px} pixels, but "
                f"{image['width']}x{image['height']} are listed",
                "the boxes are of another film or edition; give the image root of theirs",
            )
    faults.raise_any()


def film_names(images: Iterable[CocoImage], image_root: Path, *, flat: bool) -> FilmNames:
    """Name each film for an export.

    It keeps its listed name, with `.png` behind it where it becomes PNG: the last part of a name
    such as `1.2.840.113619` is no ending. Names that would meet, also where a file system does not
    tell cases apart, are numbered.

    Args:
        images: of all parts of the export.
        image_root: of the films.
        flat: leave no folders in names, and tell films apart by what stands before their endings,
            for layouts with a text file of each film's name.
    """
    by_listed: dict[str, str] = {}
    taken: set[str] = set()
    numbered = []
    for image in images:
        listed = image["file_name"]
        if listed in by_listed:
            continue
        kept = f"{listed}.png" if _becomes_png(film_path(image_root, listed)) else listed
        plain = kept.replace("/", "_") if flat else kept
        by_listed[listed] = _unmet(plain, taken, flat=flat)
        if by_listed[listed] != plain:
            numbered.append(f"{listed} is {by_listed[listed]}")
    if not numbered:
        return FilmNames(by_listed, ())
    note = f"films numbered whose names would meet: {len(numbered)}, such as {numbered[0]}"
    return FilmNames(by_listed, (note,))


def _unmet(name: str, taken: set[str], *, flat: bool) -> str:
    """Number a name if it is taken, and take it."""
    path = PurePosixPath(name)
    candidate, number = path, 1
    while (key := str(candidate.with_suffix("") if flat else candidate).casefold()) in taken:
        number += 1
        candidate = path.with_name(f"{path.stem}_{number}{path.suffix}")
    taken.add(key)
    return str(candidate)


def place_films(
    names: Mapping[str, str], image_root: Path, folder: Path, dicom: DicomOptions
) -> None:
    """Put films below a folder, linked or copied, or written as PNG.

    Args:
        names: there, by the films' listed names.
        image_root: of the films.
        folder: in which none of them is yet.
        dicom: how DICOM films are read.

    Raises:
        InputError: a film that becomes PNG cannot be read.
        OSError: the folder cannot be written in.
    """
    for listed, name in names.items():
        source, target = film_path(image_root, listed), folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if _becomes_png(source):
            write_whole(cv2.imencode(".png", read_grey(source, dicom))[1].tobytes(), target)
        else:
            _link_or_copy(source, target)


def _becomes_png(source: Path) -> bool:
    return source.suffix.lower() not in PICTURE_SUFFIXES or is_dicom(read_head(source))


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)
