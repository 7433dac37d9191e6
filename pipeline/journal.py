"""Finished results of a run that may be interrupted, beside its output until the end."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from formats.errors import InputError
from formats.film_paths import film_path
from formats.results import ImageResult, parse_image
from formats.whole_file import write_whole

VERSION = 2


class Journal:
    """Knows which run it is of, and of which files its results are."""

    def __init__(self, output: Path, run: dict[str, Any], image_root: Path) -> None:
        """Name the run.

        Args:
            output: the file that the run writes at its end.
            run: what else the results depend on: models, operating point.
            image_root: the folder that file names are relative to.
        """
        self._path = output.with_name(output.name + ".journal")
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
                self.start_anew()
                return {}
            header, *records = map(json.loads, lines)
            results = self._results_of_these_films(records) if header == self._header else None
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{self._path}: not a journal of results; delete it") from error
        if results is None:
            raise InputError(
                f"{self._path}: an interrupted run of other models or of another operating point, "
                "or with other options; delete it, or give another output"
            )
        self._write(lines)
        return results

    def start_anew(self) -> None:
        """Leave aside what an interrupted run has finished."""
        self._write([json.dumps(self._header)])

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
        self._path.unlink()

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
