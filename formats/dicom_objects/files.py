"""Objects as files: one report a study, one presentation state and one capture a film."""

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydicom import Dataset

from formats.dicom_objects.cad_report import cad_report
from formats.dicom_objects.found import FilmFindings
from formats.dicom_objects.measurement_report import measurement_report
from formats.dicom_objects.presentation_state import presentation_state
from formats.dicom_objects.secondary_capture import secondary_capture
from formats.dicom_objects.software import Software
from formats.dicom_reading.attributes import silent_dicom_libraries
from formats.errors import InputError
from formats.whole_file import write_whole

MEASUREMENTS, CAD = "measurements", "cad"
"""The kinds of reports: TID 1500 and TID 4000."""
REPORTS: dict[str, Callable[[Sequence[FilmFindings], Software], Dataset]] = {
    MEASUREMENTS: measurement_report,
    CAD: cad_report,
}
# What highdicom and pydicom raise on headers that cannot be.
MAKING_ERRORS = (AttributeError, IndexError, KeyError, TypeError, ValueError)
Made = TypeVar("Made", bound=Dataset)


def studies_of(films: Sequence[FilmFindings]) -> list[list[FilmFindings]]:
    """Return films by study, in the order of their first film; a film that stands twice, once."""
    studies: dict[str, dict[str, FilmFindings]] = {}
    for film in films:
        of_study = studies.setdefault(film.source.StudyInstanceUID, {})
        of_study.setdefault(film.source.SOPInstanceUID, film)
    return [list(of_study.values()) for of_study in studies.values()]


def write_report(
    films: Sequence[FilmFindings], software: Software, kind: str, folder: Path
) -> Path:
    """Write the report of one study's films, and return its path.

    Args:
        films: all that were looked at.
        software: what found the boxes.
        kind: `MEASUREMENTS` or `CAD`.
        folder: made where it is missing; the file is called by the study's UID.

    Raises:
        InputError: no report can be made of the films' headers.
    """
    first = films[0]
    report = _made(first, "report", lambda: REPORTS[kind](films, software))
    return _save(report, folder / f"{kind}_{first.source.StudyInstanceUID}.dcm")


def write_presentation_state(film: FilmFindings, software: Software, folder: Path) -> Path:
    """Write a film's boxes (it has some) as a presentation state, and return its path.

    Raises:
        InputError: none can be made of the film's header.
    """
    state = _made(film, "presentation state", lambda: presentation_state(film, software))
    return _save(state, folder / f"gsps_{film.source.SOPInstanceUID}.dcm")


def write_secondary_capture(
    film: FilmFindings, picture: np.ndarray, software: Software, folder: Path
) -> Path:
    """Write an annotated film, (H, W, 3) uint8 BGR, as a secondary capture; return its path.

    Raises:
        InputError: none can be made of the film's header.
    """
    capture = _made(film, "capture", lambda: secondary_capture(film.source, picture, software))
    return _save(capture, folder / f"sc_{film.source.SOPInstanceUID}.dcm")


def _made(film: FilmFindings, what: str, make: Callable[[], Made]) -> Made:
    """Make an object; what the libraries say of a header that cannot be may quote the person."""
    try:
        with silent_dicom_libraries():
            return make()
    except MAKING_ERRORS as error:
        raise InputError(
            f"{film.result.file_name}: no {what} can be made of its study's headers "
            f"({type(error).__name__}); give the files as their devices sent them"
        ) from error


def _save(made: Dataset, path: Path) -> Path:
    write_whole(_encoded(made), path)
    return path


def _encoded(made: Dataset) -> bytes:
    buffer = BytesIO()
    with silent_dicom_libraries():
        made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
