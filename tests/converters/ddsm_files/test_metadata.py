from pathlib import Path

import openpyxl
import pytest
from small_ddsm import COLUMNS, SmallDdsm, draw_outline

from converters.ddsm_files.disk import DiskIndex
from converters.ddsm_files.metadata import read_metadata
from formats.errors import InputError


@pytest.fixture
def data(tmp_path: Path) -> SmallDdsm:
    data = SmallDdsm(tmp_path)
    data.add_view("C_0001", "Cancer", masks=(draw_outline((30, 50, 40, 60)),))
    data.add_view("A_0001", "Normal")
    return data


def write_many_masks(data: SmallDdsm, folder: Path) -> Path:
    workbook = openpyxl.Workbook()
    workbook.active.append([*COLUMNS, "Tumour_Contour3"])
    workbook.active.append([*data.rows[0].values(), "Cancer\\0001\\third.jpg"])
    extra = {**data.rows[0], "fullPath": "\\Cancer\\0009\\C_0009_1.LEFT_CC.jpg"}
    workbook.active.append([*extra.values(), None])
    folder.mkdir(exist_ok=True)
    path = folder / "Data-MoreThanTwoMasks.xlsx"
    workbook.save(path)
    return path


def test_many_masks_are_added_from_wherever_they_lie(data: SmallDdsm) -> None:
    table = data.write_table()
    many = write_many_masks(data, data.root / "Data-MoreThanTwoMasks")

    metadata = read_metadata([], DiskIndex(data.root))

    assert metadata.paths == (table, many)
    assert [row.case_id for row in metadata.table.rows] == ["C_0001", "A_0001"]
    assert metadata.table.rows[0].mask_files == (
        "Cancer/0001/C_0001_1.LEFT_CC_Mask.jpg",
        "Cancer/0001/third.jpg",
    )


def test_tables_given_are_the_only_ones_but_for_the_many_masks(data: SmallDdsm) -> None:
    data.write_table("ignored.csv")
    given = data.write_table("given.csv")
    many = write_many_masks(data, data.root)
    disk = DiskIndex(data.root)

    assert read_metadata([given], disk).paths == (given, many)
    assert read_metadata([given, many], disk).paths == (given, many)
    # Given by name, its rows count as well.
    assert len(read_metadata([given, many], disk).table.rows) == 3
    assert read_metadata([given], None).paths == (given,)


def test_other_csv_files_in_the_root_are_passed_over(data: SmallDdsm) -> None:
    table = data.write_table()
    (data.root / "notes.csv").write_text("a,b\n1,2\n")

    assert read_metadata([], DiskIndex(data.root)).paths == (table,)


def test_the_only_table_says_what_is_wrong_with_it(data: SmallDdsm) -> None:
    table = data.write_table()
    table.write_text(table.read_text().replace("Status", "Stat"))

    with pytest.raises(InputError, match="no column 'Status'"):
        read_metadata([], DiskIndex(data.root))


def test_root_without_table_names_the_next_step(data: SmallDdsm) -> None:
    with pytest.raises(InputError) as error:
        read_metadata([], DiskIndex(data.root))
    assert str(error.value) == f"{data.root}: no table in this folder; name one with --metadata"


def test_many_masks_beside_the_table_are_no_table_of_their_own(data: SmallDdsm) -> None:
    table = data.write_table("TABLE.CSV")
    many = write_many_masks(data, data.root)
    many = many.rename(many.with_name(many.name.upper()))

    assert read_metadata([], DiskIndex(data.root)).paths == (table, many)


def test_all_tables_of_the_root_are_joined_and_none_below_it(data: SmallDdsm) -> None:
    tables = [data.write_table("a.csv"), data.write_table("b.csv")]
    (data.root / "below").mkdir()
    data.write_table("below/c.csv")

    metadata = read_metadata([], DiskIndex(data.root))

    assert metadata.paths == tuple(tables)
    assert len(metadata.table.rows) == 2
