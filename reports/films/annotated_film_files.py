"""Annotated films and the crops of their boxes as files, each under a name of its own."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from formats.film_reading.intensity_window import apply_window, intensity_window
from formats.film_reading.listing import ANNOTATED
from formats.results import ImageResult
from formats.whole_file import write_whole
from reports.films.annotated_film import TrueLesion, draw_annotated_film
from reports.films.picture_files import PictureFormat, encode_picture

LONGEST_NAME_BYTES = 255
CROPS_FOLDER = "crops"
# So much of a box's sides is shown around it.
CROP_MARGIN = 0.25
LONGEST_ENDING = f"{ANNOTATED}_box0000.png"


def picture_stems(file_names: Iterable[str]) -> dict[str, str]:
    """Return what each film's pictures are called, apart from their endings.

    Args:
        file_names: of all films of a run, whatever part of them it goes through: so it gives the
            same names as the whole.
    """
    stems: dict[str, str] = {}
    taken: set[str] = set()
    copies: Counter[str] = Counter()
    for file_name in file_names:
        stem = Path(file_name).stem
        free = None
        while free is None or free in taken:
            copies[stem] += 1
            free = _fitting_stem(stem, f"_{copies[stem]}" if copies[stem] > 1 else "")
        stems[file_name] = free
        taken.add(free)
    return stems


def write_annotated_film(
    film: np.ndarray,
    result: ImageResult,
    stem: str,
    output_dir: Path,
    form: PictureFormat,
    lesions: Sequence[TrueLesion] = (),
) -> Path:
    """Write the picture of a (H, W) film with its boxes.

    Args:
        film: uint8 or uint16.
        result: what was found.
        stem: of the file's name.
        output_dir: must be there.
        form: of the file.
        lesions: what is known of the film.
    """
    path = output_dir / f"{stem}{ANNOTATED}.{form}"
    write_whole(encode_picture(draw_annotated_film(film, result, lesions), form), path)
    return path


def write_crops(
    film: np.ndarray, result: ImageResult, stem: str, output_dir: Path, form: PictureFormat
) -> list[Path]:
    """Write a grey picture of each box and what is around it, at the film's own resolution.

    Their numbers are the boxes' places in the result, from 1. The arguments are those of
    `write_annotated_film`.
    """
    window = intensity_window(film)
    paths = []
    for number, detection in enumerate(result.detections, start=1):
        left, top, right, bottom = _with_margin(detection.bbox_xyxy, film.shape)
        crop = apply_window(film[top:bottom, left:right], window)
        paths.append(output_dir / CROPS_FOLDER / f"{stem}{ANNOTATED}_box{number}.{form}")
        write_whole(encode_picture(crop, form), paths[-1])
    return paths


def _with_margin(
    bbox_xyxy: tuple[float, float, float, float], shape_px: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """Return whole pixels of the film, one at least each way."""
    x1, y1, x2, y2 = bbox_xyxy
    height_px, width_px = shape_px
    margin_x, margin_y = CROP_MARGIN * (x2 - x1), CROP_MARGIN * (y2 - y1)
    left, top = max(0, int(x1 - margin_x)), max(0, int(y1 - margin_y))
    left, top = min(left, width_px - 1), min(top, height_px - 1)
    right = min(width_px, max(left + 1, round(x2 + margin_x)))
    bottom = min(height_px, max(top + 1, round(y2 + margin_y)))
    return left, top, right, bottom


def _fitting_stem(stem: str, ending: str) -> str:
    """Shorten the stem until file systems take every name that is made of it."""
    while len(os.fsencode(stem + ending + LONGEST_ENDING)) > LONGEST_NAME_BYTES:
        stem = stem[:-1]
    return stem + ending
