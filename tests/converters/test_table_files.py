from pathlib import Path

import pytest

from converters.table_files import read_cells
from formats.errors import InputError


def test_cells_are_what_is_written_empty_rows_included(tmp_path: Path) -> None:
    path = tmp_path / "t.CSV"
    path.write_text("a;b,c;d\n\n 1;NA;\n007;2,5;x\n", encoding="utf-8")

    assert read_cells(path) == [
        ["a", "b,c", "d"],
        ["", "", ""],
        [" 1", "NA", ""],
        ["007", "2,5", "x"],
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.xls", b"junk", "'.xls' is no table that can be read; save it as csv or xlsx"),
        ("t.csv", None, "cannot be read (No such file or directory); check the path"),
        (
            "t.csv",
            b"\xff",
            "not a csv table in UTF-8 ('utf-8' codec can't decode byte 0xff in position 0: invalid "
            "start byte); correct it or save it again",
        ),
        (
            "t.XLSX",
            b"junk",
            "not an xlsx table (File is not a zip file); correct it or save it again",
        ),
    ],
)
def test_what_is_no_table_is_named_with_the_next_step(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(InputError) as error:
        read_cells(tmp_path / name)
    assert str(error.value) == f"{tmp_path / name}: {said}"
