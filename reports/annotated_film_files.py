"""Annotated films as files, each under a name of its own."""

import os
from pathlib import Path

import cv2
import numpy as np

from formats.film_listing import ANNOTATED_ENDING
from formats.results import ImageResult
from formats.whole_file import write_whole
from reports.annotated_film import draw_annotated_film

LONGEST_NAME_BYTES = 255


def write_annotated_film(
    film: np.ndarray, result: ImageResult, output_dir: Path, taken_names: set[str]
) -> Path:
    """Write the PNG of a (H, W) film with its boxes.

    Args:
        film: uint8 or uint16.
        result: what was found; names the file.
        output_dir: must be there.
        taken_names: those of other films of this run; the new one is added.
    """
    name = _free_name(Path(result.file_name).stem, taken_names)
    taken_names.add(name)
    encoded = cv2.imencode(".png", draw_annotated_film(film, result))[1]
    write_whole(encoded.tobytes(), output_dir / name)
    return output_dir / name


def _free_name(stem: str, taken_names: set[str]) -> str:
    name, copies = _fitting_name(stem, ANNOTATED_ENDING), 1
    while name in taken_names:
        copies += 1
        name = _fitting_name(stem, f"_{copies}{ANNOTATED_ENDING}")
    return name


def _fitting_name(stem: str, ending: str) -> str:
    """Shorten the stem until file systems take the name."""
    while len(os.fsencode(stem + ending)) > LONGEST_NAME_BYTES:
        stem = stem[:-1]
    return stem + ending
