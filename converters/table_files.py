"""Tables in csv and xlsx files, cell by cell as they are written."""

import zipfile
import zlib
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import pandas as pd

from formats.errors import InputError

TABLE_SUFFIXES = frozenset({".csv", ".xlsx"})
# Spreadsheets write the one or the other by country.
CSV_SEPARATORS = ",;\t"
CSV_ENCODING = "utf-8-sig"
# No word is read as missing, no first row as names that pandas may change.
AS_WRITTEN: dict[str, Any] = {"header": None, "na_filter": False}
# What stands for any error in a cell: a path that cannot be, which is not the same as no path.
ERROR_CELL = "#N/A"


def read_cells(path: Path) -> list[list[str]]:
    """Return every row, the header's and empty ones included, as the text of its cells.

    A csv file is UTF-8, separated by commas, semicolons or tabs; of an `.xlsx` file the first sheet
    is read.

    Raises:
        InputError: the file is missing or no table.
    """
    suffix = path.suffix.lower()
    if suffix not in TABLE_SUFFIXES:
        raise InputError(f"{path}: '{suffix}' is no table that can be read; save it as csv or xlsx")
    try:
        return _csv_cells(path) if suffix == ".csv" else _xlsx_cells(path)
    except pd.errors.EmptyDataError:
        return []
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    # UnicodeDecodeError and pandas' own errors are ValueErrors.
    except (ValueError, KeyError, ParseError, zipfile.BadZipFile, zlib.error) as error:
        kind = "a csv table in UTF-8" if suffix == ".csv" else "an xlsx table"
        said = str(error).strip()
        raise InputError(f"{path}: not {kind} ({said}); correct it or save it again") from error


def _csv_cells(path: Path) -> list[list[str]]:
    with path.open(encoding=CSV_ENCODING) as file:
        header = file.readline()
    separator = max(CSV_SEPARATORS, key=header.count)
    table = pd.read_csv(
        path,
        sep=separator,
        encoding=CSV_ENCODING,
        dtype=str,
        # Rows are numbered as they stand in the file.
        skip_blank_lines=False,
        **AS_WRITTEN,
    )
    return table.to_numpy().tolist()


def _xlsx_cells(path: Path) -> list[list[str]]:
    # Not as strings at once: only so does an error in a cell differ from an empty one.
    table = pd.read_excel(path, engine="openpyxl", dtype=object, **AS_WRITTEN)
    return table.fillna(ERROR_CELL).astype(str).to_numpy().tolist()
