"""Finished results of a run that may be interrupted, beside its output until the end."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from formats.errors import InputError
from formats.film_reading.paths import film_path
from formats.results import ImageResult, parse_image
from formats.whole_file import write_whole

VERSION = 2


def journal_path(output: Path) -> Path:
    """Return where a run that is not at its end keeps its results: beside its output."""
    return output.with_name(output.name + ".journal")


class Journal:
    """Knows which run it is of, and of which files its results are."""

    def __init__(self, output: Path, run: dict[str, Any], image_root: Path) -> None:
        """Name the run.

        Args:
            output: the file that the run writes at its end.
            run: what else the results depend on: models, operating point.
            image_root: the folder that file names are relative to.
        """
        self._path = journal_path(output)
        self._header = {"version": VERSION, **run}
        self._image_root = image_root

    def read(self) -> dict[str, ImageResult]:
        """Return the results of an interrupted run by file name, and make room for more.

        A result whose film has since been replaced, or was in another folder, is left aside.

        Raises:
            InputError: the journal is of other models or another operating point, or is none.
        """
        try:
            lines = self._whole_lines()
            if not lines:
                self._begin()
                return {}
            header, *records = map(json.loads, lines)
            differing = self._differing(header)
            results = {} if differing else self._results_of_these_films(records)
        except (AttributeError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{self._path}: not a journal of results; delete it") from error
        if differing == ["films_sha256"]:
            raise InputError(
                f"{self._path}: an interrupted run over another list of films; give the same "
                "films, or delete it, or give another output"
            )
        if differing:
            raise InputError(
                f"{self._path}: an interrupted run of other models or of another operating point, "
                f"or with other options ({', '.join(differing)}); delete it, or give another output"
            )
        self._write(lines)
        return results

    def start_anew(self) -> None:
        """Begin where no interrupted run has finished anything.

        Raises:
            InputError: one has; that is not thrown away unasked.
        """
        # The first line is the header.
        if len(self._whole_lines()) > 1:
            raise InputError(
                f"{self._path}: results of an interrupted run; add --resume to go on with it, or "
                "delete this file to start anew"
            )
        self._begin()

    def append(self, results: Iterable[ImageResult]) -> None:
        """Add finished results, so that they outlast an interruption."""
        records = [
            {"film": self._identity(result.file_name), "result": asdict(result)}
            for result in results
        ]
        try:
            with self._path.open("a", encoding="utf-8") as stream:
                stream.writelines(json.dumps(record) + "\n" for record in records)
        except OSError as error:
            # A failed write does not say of which file.
            error.filename = str(self._path)
            raise

    def delete(self) -> None:
        """End it: the output holds everything."""
        self._path.unlink(missing_ok=True)

    def _begin(self) -> None:
        self._write([json.dumps(self._header)])

    def _differing(self, header: dict[str, Any]) -> list[str]:
        """Return the keys that another run's header has otherwise."""
        return sorted(
            key
            for key in header.keys() | self._header.keys()
            if header.get(key) != self._header.get(key)
        )

    def _whole_lines(self) -> list[str]:
        if not self._path.exists():
            return []
        # What follows the last line feed was cut off by the interruption.
        return self._path.read_text(encoding="utf-8").split("\n")[:-1]

    def _write(self, lines: list[str]) -> None:
        write_whole("".join(line + "\n" for line in lines).encode(), self._path)

    def _results_of_these_films(self, records: list[dict[str, Any]]) -> dict[str, ImageResult]:
        results = {}
        for record in records:
            result = parse_image(str(self._path), record["result"])
            if record["film"] == self._identity(result.file_name):
                results[result.file_name] = result
        return results

    def _identity(self, file_name: str) -> list[str | int] | None:
        """Return what tells a film's file from others of its name; none where there is no file."""
        path = film_path(self._image_root, file_name)
        try:
            status = path.stat()
        except OSError:
            return None
        return [str(path.resolve()), status.st_size, status.st_mtime_ns]
