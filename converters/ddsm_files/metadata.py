"""Which tables describe a data set, and reading them as one."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from converters.ddsm_files.disk import DiskIndex
from converters.ddsm_files.tables import (
    Table,
    add_masks,
    has_table_columns,
    merge_tables,
    read_table,
)
from converters.table_files import TABLE_SUFFIXES
from formats.errors import InputError

MANY_MASKS_TABLE_NAME = "Data-MoreThanTwoMasks.xlsx"


class Metadata(NamedTuple):
    """All rows, and the files they came from."""

    table: Table
    paths: tuple[Path, ...]


def read_metadata(paths: Sequence[Path], disk: DiskIndex | None) -> Metadata:
    """Read the tables given, or those in the root itself where none is given.

    Without a disk only the tables given are read. `Data-MoreThanTwoMasks.xlsx` is looked for
    anywhere below the root and adds its masks.

    Raises:
        InputError: a table cannot be used, or none is given and none found.
    """
    many_masks = _many_masks_table(disk) if disk is not None else None
    first = list(paths)
    if not first and disk is not None:
        first = [path for path in _tables_in_root(disk) if path != many_masks]
        if not first:
            raise InputError(f"{disk.root}: no table in this folder; name one with --metadata")
    table = merge_tables([read_table(path) for path in first])
    if many_masks is None or many_masks.resolve() in [path.resolve() for path in first]:
        return Metadata(table, tuple(first))
    return Metadata(add_masks(table, read_table(many_masks)), (*first, many_masks))


def _tables_in_root(disk: DiskIndex) -> list[Path]:
    names = [name for name in disk.sizes_bytes if "/" not in name]
    tables = [disk.path(name) for name in names if Path(name).suffix.lower() in TABLE_SUFFIXES]
    return tables if len(tables) == 1 else list(filter(has_table_columns, tables))


def _many_masks_table(disk: DiskIndex) -> Path | None:
    wanted = MANY_MASKS_TABLE_NAME.casefold()
    for name in disk.sizes_bytes:
        if name.rpartition("/")[2].casefold() == wanted:
            return disk.path(name)
    return None
