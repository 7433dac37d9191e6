"""What was found on DICOM films, written as DICOM objects while a run goes over them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from formats.dicom_objects.files import (
    MEASUREMENTS,
    studies_of,
    write_presentation_state,
    write_report,
    write_secondary_capture,
)
from formats.dicom_objects.found import FilmFindings
from formats.dicom_objects.software import Software
from formats.dicom_objects.source import read_source
from formats.errors import InputError
from formats.film_reading.reader import is_dicom_file
from formats.results import ImageResult
from reports.films.annotated_film import draw_annotated_film


@dataclass(frozen=True, kw_only=True)
class DicomTargets:
    """Which objects are wanted, and where."""

    report_dir: Path | None = None
    """For a structured report of each study."""
    report_kind: str = MEASUREMENTS
    """`MEASUREMENTS` or `CAD`."""
    presentation_dir: Path | None = None
    """For the boxes of each film that has some, as a presentation state."""
    capture_dir: Path | None = None
    """For each annotated film, as a secondary capture."""
    with_person: bool = False
    """Whether objects name the person."""


class DicomOutput:
    """Takes films as they are finished, and reports on whole studies at the end."""

    def __init__(self, targets: DicomTargets, software: Software) -> None:
        self._targets = targets
        self._software = software
        self._films: list[FilmFindings] = []

    def add(self, path: Path, film: np.ndarray, result: ImageResult) -> None:
        """Write what belongs to one film, and keep what its study's report needs.

        Args:
            path: the film's file.
            film: its (H, W) pixels, uint8 or uint16.
            result: what was found.

        Raises:
            InputError: the file is no DICOM, so that nothing can refer to it, or its header lacks
                what is needed.
            OSError: an object cannot be written.
        """
        if not is_dicom_file(path):
            raise InputError(f"{path}: no DICOM file, so no DICOM object can refer to it")
        source = read_source(path, with_person=self._targets.with_person)
        found = FilmFindings(source, result)
        self._films.append(found)
        if self._targets.presentation_dir is not None and result.detections:
            write_presentation_state(found, self._software, self._targets.presentation_dir)
        if self._targets.capture_dir is not None:
            picture = draw_annotated_film(film, result)
            write_secondary_capture(found, picture, self._software, self._targets.capture_dir)

    def write_reports(self) -> list[InputError]:
        """Write the report of each study, and return why there is none of some.

        Raises:
            OSError: a report cannot be written.
        """
        failures = []
        if self._targets.report_dir is not None:
            for films in studies_of(self._films):
                try:
                    write_report(
                        films, self._software, self._targets.report_kind, self._targets.report_dir
                    )
                except InputError as error:
                    failures.append(error)
        return failures
