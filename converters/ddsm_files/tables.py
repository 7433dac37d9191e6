"""Reading Mini-DDSM's tables, csv or xlsx, as `TableRow` records."""

import difflib
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from converters.records import Finding, FindingKind, TableRow
from converters.table_files import read_cells
from formats.errors import InputError
from formats.labels import LABELS, label_meant_by

PATH_COLUMN = "fullPath"
REQUIRED_COLUMNS = (PATH_COLUMN, "View", "Side", "Status", "Tumour_Contour")
MASK_COLUMN = re.compile(r"tumour_contour\d*")
CASE_IN_NAME = re.compile(r"([A-Z])[_-](\d+)", re.IGNORECASE)
# What stands in a cell for "no mask".
NO_PATH = frozenset({"", "-", "nan", "none"})
SIDES = ("LEFT", "RIGHT")
VIEWS = ("CC", "MLO")


class Table(NamedTuple):
    """A table's usable rows, in its order, and what was odd about it."""

    rows: tuple[TableRow, ...]
    findings: tuple[Finding, ...]


def read_table(path: Path) -> Table:
    """Read one table; a row that cannot be used becomes a finding.

    Column names are matched ignoring case and blanks around them. A csv file is UTF-8, separated
    by commas, semicolons or tabs. An `.xlsx` file's first sheet is read.

    Raises:
        InputError: the file is missing or no table, a column is missing, or no row is usable.
    """
    rows: list[TableRow] = []
    findings: list[Finding] = []
    for number, record in _read_records(path):
        try:
            rows.append(_row(record))
        except InputError as error:
            where = f"{path.name}, row {number}"
            findings.append(Finding(kind=FindingKind.ROW_UNUSABLE, file=where, detail=str(error)))
    if not rows:
        detail = f"; the first: {findings[0].detail}" if findings else ""
        raise InputError(f"{path}: no usable row{detail}; check that this is Mini-DDSM's table")
    return Table(tuple(rows), tuple(findings))


def has_table_columns(path: Path) -> bool:
    """Say whether a csv or xlsx file could be Mini-DDSM's table, by its header."""
    try:
        next(_read_records(path), None)
    except InputError:
        return False
    return True


def merge_tables(tables: Sequence[Table]) -> Table:
    """Join several tables' rows; a view that stands twice keeps its first row, and all its masks.

    Views and masks are the same if their file names are, whatever folder, case or ending.
    """
    merged: dict[str, TableRow] = {}
    findings = [finding for table in tables for finding in table.findings]
    for table in tables:
        seen: set[str] = set()
        for row in table.rows:
            key = name_key(row.image_file)
            first = merged.get(key)
            merged[key] = row if first is None else _with_masks_of(first, row)
            if key in seen:
                findings.append(
                    Finding(
                        kind=FindingKind.ROW_REPEATED,
                        file=row.image_file,
                        detail="stands twice in one table",
                    )
                )
            elif first is not None and first.status != row.status:
                detail = f"{first.status} in one table, {row.status} in another; took the first"
                findings.append(
                    Finding(kind=FindingKind.TABLES_DISAGREE, file=row.image_file, detail=detail)
                )
            seen.add(key)
    return Table(tuple(merged.values()), tuple(findings))


def add_masks(table: Table, more: Table) -> Table:
    """Add the masks that a second table names for the first one's views; no view is added."""
    by_name = {name_key(row.image_file): row for row in more.rows}
    rows = tuple(
        _with_masks_of(row, by_name[key]) if (key := name_key(row.image_file)) in by_name else row
        for row in table.rows
    )
    return Table(rows, table.findings + more.findings)


def name_key(file: str) -> str:
    """Return a file's name without folder and ending, in lower case."""
    name = file.rpartition("/")[2]
    return (name.rpartition(".")[0] or name).casefold()


def _with_masks_of(row: TableRow, other: TableRow) -> TableRow:
    masks = {name_key(mask): mask for mask in (*other.mask_files, *row.mask_files)}
    if len(masks) == len(row.mask_files):
        return row
    known = {name_key(mask) for mask in row.mask_files}
    added = tuple(mask for key, mask in masks.items() if key not in known)
    return replace(row, mask_files=row.mask_files + added)


def _read_records(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each row, the header's being 1, and its cells by lower-case column."""
    header, *lines = read_cells(path) or [[]]
    if not any(header):
        raise InputError(f"{path}: the table is empty; copy it again from its source")
    columns = [cell.strip().casefold() for cell in header]
    _check_columns(path, header, columns)
    for number, cells in enumerate(lines, start=2):
        if any(cells):
            yield number, dict(zip(columns, cells, strict=True))


def _check_columns(path: Path, header: Sequence[str], columns: Sequence[str]) -> None:
    found = [cell.strip() for cell in header if cell.strip()]
    repeated = [name for name in found if columns.count(name.casefold()) > 1]
    if repeated:
        raise InputError(f"{path}: column '{repeated[0]}' stands twice; rename or remove one")
    missing = [column for column in REQUIRED_COLUMNS if column.casefold() not in columns]
    if not missing:
        return
    near = difflib.get_close_matches(missing[0], found, n=1)
    hint = f"is '{near[0]}' meant? Rename it" if near else "rename or add it"
    raise InputError(f"{path}: no column '{missing[0]}' among {found}; {hint}")


def _row(record: dict[str, str]) -> TableRow:
    image_file = _clean_path(record[PATH_COLUMN.casefold()])
    if image_file is None:
        raise InputError("no file in fullPath")
    name = image_file.rpartition("/")[2]
    case = CASE_IN_NAME.match(name)
    if case is None:
        raise InputError(f"'{name}' does not begin with a site letter and a case number")
    return TableRow(
        image_file=image_file,
        case_id=f"{case[1].upper()}_{case[2]}",
        side=_one_of(SIDES, "Side", record["side"]),
        view=_one_of(VIEWS, "View", record["view"]),
        status=_status(record["status"]),
        mask_files=_mask_files(record),
        age_years=_positive(record.get("age", "")),
        density=_density(record.get("density", "")),
    )


def _clean_path(cell: str) -> str | None:
    path = cell.strip()
    if path.casefold() in NO_PATH:
        return None
    return path.replace("\\", "/").lstrip("/")


def _mask_files(record: dict[str, str]) -> tuple[str, ...]:
    masks = (_clean_path(cell) for name, cell in record.items() if MASK_COLUMN.fullmatch(name))
    return tuple(dict.fromkeys(mask for mask in masks if mask is not None))


def _one_of(choices: Sequence[str], column: str, cell: str) -> str:
    for choice in choices:
        if cell.strip().casefold() == choice.casefold():
            return choice
    raise InputError(f"{column} '{cell}' is none of {', '.join(choices)}")


def _status(cell: str) -> str:
    label = label_meant_by(cell)
    if label is None:
        raise InputError(f"Status '{cell}' is none of {', '.join(LABELS)}")
    return label


def _positive(cell: str) -> float | None:
    try:
        # Where semicolons separate, commas mark the decimals.
        value = float(cell.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None


def _density(cell: str) -> int | None:
    """Return 1 to 4; Mini-DDSM writes 0 where the density is not known."""
    value = _positive(cell)
    return int(value) if value in (1, 2, 3, 4) else None
