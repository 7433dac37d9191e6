"""A table that says of which case, side and view each film is: ours, or VinDr-Mammo's."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from converters.table_files import read_cells
from formats.errors import InputError
from formats.faults import Faults
from formats.film_identity import SIDES, FilmIdentity

COLUMNS = {
    "case": ("case", "case_id", "study_id", "patient_id"),
    "side": ("side", "laterality"),
    "view": ("view", "view_position"),
    "file": ("file", "file_name", "image_id"),
}
"""What each column may be called; VinDr's `breast-level_annotations.csv` is read as it is."""

VIEWS = ("CC", "MLO")


class Row(NamedTuple):
    """What a row says of a file."""

    number: int
    """In the table, the header's being 1."""
    file: str
    identity: FilmIdentity


class CaseTable:
    """The rows of a table, and the films that they mean."""

    def __init__(self, path: Path) -> None:
        """Read and check a table.

        Raises:
            InputError: it cannot be read, or a row says what cannot be.
        """
        self._path = path
        self._rows = _read_rows(path)

    def films(self) -> list[Path]:
        """Return the files that the rows name, relative to the table's folder or as they stand."""
        beside = [(self._path.parent / row.file, Path(row.file)) for row in self._rows]
        return [first if first.exists() else second for first, second in beside]

    def identities(self, films: Sequence[Path]) -> dict[Path, FilmIdentity]:
        """Return what the rows say of films; rows of other films are left aside.

        Raises:
            InputError: no row is of a film, or a row may be of several, or two films are said to be
                the same view of a breast.
        """
        faults = Faults(self._path)
        by_name: dict[str, list[Path]] = defaultdict(list)
        for film in films:
            for name in {film.name, film.stem}:
                by_name[name].append(film)
        found: dict[Path, Row] = {}
        for row in self._rows:
            meant = self._meant(row, by_name)
            if len(meant) > 1:
                faults.add(
                    f"row {row.number}: file '{row.file}' may be {meant[0]} or {meant[1]}",
                    "write the path relative to the table's folder",
                )
                continue
            for film in meant:
                before = found.setdefault(film, row)
                if before.identity != row.identity:
                    faults.add(
                        f"rows {before.number} and {row.number} differ on {film}",
                        "keep one of them",
                    )
        _refuse_repeated(found, faults)
        faults.raise_any()
        if not found:
            raise InputError(
                f"{self._path}: none of its {len(self._rows)} files is among the {len(films)} "
                f"films, the first being '{self._rows[0].file}'; write paths relative to the "
                "table's folder"
            )
        return {film: row.identity for film, row in found.items()}

    def _meant(self, row: Row, by_name: dict[str, list[Path]]) -> list[Path]:
        """Return the films that a row's file may be."""
        named = by_name.get(PurePath(row.file).name, [])
        there = {path.resolve() for path in (self._path.parent / row.file, Path(row.file))}
        for films in (
            [film for film in named if film.resolve() in there],
            # VinDr's films lie in their study's folder, and its table names them alone.
            [film for film in named if film.parent.name == row.identity.case_id],
            [film for film in named if _ends_with(film, row.file)],
        ):
            if films:
                return films
        return []


def _read_rows(path: Path) -> list[Row]:
    header, *rows = read_cells(path) or [[]]
    names = [cell.strip().casefold() for cell in header]
    places = {key: _place(names, words) for key, words in COLUMNS.items()}
    missing = [key for key, place in places.items() if place is None]
    if missing:
        raise InputError(
            f"{path}: no column {', '.join(missing)} among {header}; a case table has case, side, "
            "view and file"
        )
    faults = Faults(path)
    read = []
    for number, cells in enumerate(rows, start=2):
        said = {key: cells[place].strip() for key, place in places.items() if place is not None}
        if not any(said.values()):
            continue
        side = SIDES.get(said["side"].upper())
        if side is None:
            faults.add(f"row {number}: side '{said['side']}'", "write LEFT or RIGHT, or L or R")
        view = said["view"].upper()
        if view and view not in VIEWS:
            faults.add(
                f"row {number}: view '{said['view']}'",
                "write CC or MLO, or leave the row out: other views take no part in a breast's "
                "result",
            )
        for key in ("case", "view", "file"):
            if not said[key]:
                faults.add(f"row {number}: no {key}", "fill it in, or leave the row out")
        identity = FilmIdentity(case_id=said["case"], side=side, view=view)
        read.append(Row(number, said["file"].replace("\\", "/"), identity))
    faults.raise_any()
    if not read:
        raise InputError(f"{path}: no row below the header; write one for each film")
    return read


def _place(names: Sequence[str], words: Iterable[str]) -> int | None:
    return next((names.index(word) for word in words if word in names), None)


def _ends_with(film: Path, file: str) -> bool:
    """Whether a film's last folders and name are a row's file, with or without its ending."""
    parts = PurePath(file).parts
    whole, bare = film.parts[-len(parts) :], film.with_suffix("").parts[-len(parts) :]
    return parts in (whole, bare)


def _refuse_repeated(found: dict[Path, Row], faults: Faults) -> None:
    films_of: dict[FilmIdentity, list[Path]] = defaultdict(list)
    for film, row in found.items():
        films_of[row.identity].append(film)
    for identity, films in films_of.items():
        if len(films) > 1:
            faults.add(
                f"{films[0]} and {films[1]} are both {identity.case_id} {identity.side} "
                f"{identity.view}",
                "leave out the row of the one that does not count",
            )
