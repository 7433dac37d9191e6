"""Mini-DDSM on disk -> views with their lesions, and everything that was odd on the way."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

from converters.ddsm_files.disk import DiskIndex
from converters.ddsm_files.ics import ScanSize, parse_ics
from converters.lesions import TEXT_ENCODING, read_lesions
from converters.notes import Notes, find_noting
from converters.records import Finding, FindingKind, TableRow, View
from converters.repeated_films import content_id, shared_lengths
from converters.selection import sibling_marks
from formats.errors import InputError
from formats.film_reading.reader import check_film
from formats.progress import with_progress

# Files that a case may come with and that hold nothing of use here.
COMPANION = re.compile(r".*/(TAPE_[^/]*_PGM|[^/]*\.ics)", re.IGNORECASE)


class Reading(NamedTuple):
    """All views that were found and read, by case, side and view."""

    views: tuple[View, ...]
    findings: tuple[Finding, ...]


class _Film(NamedTuple):
    row: TableRow
    file_name: str


def read_views(
    rows: Sequence[TableRow], disk: DiskIndex, table_files: Iterable[str] = ()
) -> Reading:
    """Find every view's film, masks, OVERLAY and header, and read its lesions.

    Cases are read side by side; only records stay in memory, never pixels. A file that cannot be
    used becomes a finding.

    Args:
        rows: The table.
        disk: The files of the data set.
        table_files: Files below the root that hold the table itself, and so are no strays.

    Raises:
        InputError: not one of the table's films is there.
    """
    notes = Notes(used_files=set(table_files))
    films = list(_find_films(rows, disk, notes))
    if not films and disk.unlisted:
        folder, reason = next(iter(disk.unlisted.items()))
        raise InputError(
            f"{disk.path(folder)}: cannot be listed ({reason}), and none of the table's films is "
            "elsewhere; check its rights"
        )
    if not films:
        raise InputError(
            f"{disk.root}: none of the table's {len(rows)} films is here, the first being "
            f"'{rows[0].image_file}'; give the folder that holds Benign, Cancer and Normal"
        )
    by_case: dict[str, list[_Film]] = defaultdict(list)
    for film in films:
        by_case[film.row.case_id].append(film)
    read_case = partial(
        _read_case,
        disk=disk,
        sibling_marks=sibling_marks(rows),
        repeated_lengths=shared_lengths((film.file_name for film in films), disk),
    )
    views: list[View] = []
    # Threads are enough: decoding lets go of the lock.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        cases = pool.map(read_case, by_case.values())
        for case_views, case_notes in with_progress(
            cases, "reading", item_count=len(by_case), unit="case"
        ):
            views += case_views
            notes.join(case_notes)
    for folder, reason in disk.unlisted.items():
        notes.add(FindingKind.FOLDER_UNREADABLE, folder, f"cannot be listed ({reason})")
    _note_strays(disk, notes)
    views.sort(key=lambda v: (v.row.case_id, v.row.side, v.row.view, v.file_name))
    return Reading(tuple(views), tuple(notes.findings))


def _find_films(rows: Sequence[TableRow], disk: DiskIndex, notes: Notes) -> Iterable[_Film]:
    for row in rows:
        file_name = find_noting(row.image_file, disk, notes, FindingKind.IMAGE_MISSING)
        if file_name is not None:
            yield _Film(row, file_name)


def _read_case(
    films: Sequence[_Film],
    disk: DiskIndex,
    sibling_marks: Mapping[str, bool | None],
    repeated_lengths: frozenset[int],
) -> tuple[list[View], Notes]:
    notes = Notes()
    scans = _read_scans(films[0].file_name, disk, notes)
    views = []
    for row, file_name in films:
        try:
            shape_hw = check_film(disk.path(file_name))
            same_if_equal = content_id(file_name, disk, repeated_lengths)
        except InputError as error:
            notes.add_error(FindingKind.IMAGE_UNREADABLE, file_name, error)
            continue
        scan = scans.get(f"{row.side}_{row.view}")
        lesions = read_lesions(row, file_name, shape_hw, scan, disk, notes)
        views.append(
            View(
                row=row,
                file_name=file_name,
                height_px=shape_hw[0],
                width_px=shape_hw[1],
                content_id=same_if_equal,
                lesions=lesions,
                is_sibling_marked=sibling_marks[row.image_file],
            )
        )
    return views, notes


def _read_scans(film_file: str, disk: DiskIndex, notes: Notes) -> dict[str, ScanSize]:
    """Return the scan sizes of a case by view name, none where it has no `.ics` file."""
    folder, _, name = film_file.rpartition("/")
    stem = name.partition(".")[0].replace("_", "-")
    ics_file = disk.find_beside(f"{folder}/{stem}.jpg", ".ics")
    if ics_file is None:
        return {}
    notes.used_files.add(ics_file)
    try:
        return parse_ics(disk.path(ics_file).read_text(encoding=TEXT_ENCODING))
    except OSError as error:
        notes.add(FindingKind.ICS_UNREADABLE, ics_file, str(error.strerror))
        return {}


def _note_strays(disk: DiskIndex, notes: Notes) -> None:
    for file_name in disk.sizes_bytes:
        if file_name not in notes.used_files and not COMPANION.fullmatch(f"/{file_name}"):
            notes.add(FindingKind.STRAY_FILE, file_name, "the table does not name it")
