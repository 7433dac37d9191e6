from pathlib import Path

import openpyxl
import pytest

from converters.ddsm_files.tables import (
    add_masks,
    has_table_columns,
    merge_tables,
    name_key,
    read_table,
)
from converters.records import Finding, FindingKind
from formats.errors import InputError

HEADER = "fullPath,fileName,View,Side,Status,Tumour_Contour,Tumour_Contour2,Age,Density"
ROW = r"\Benign\0029\C_0029_1.LEFT_CC.jpg,\C_0029_1.LEFT_CC.jpg,CC,LEFT,Benign,{masks},66,3"


def write(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def write_xlsx(path: Path, *lines: str) -> Path:
    workbook = openpyxl.Workbook()
    for line in lines:
        workbook.active.append([cell or None for cell in line.split(",")])
    workbook.save(path)
    return path


def row(masks: str = "-,-", name: str = "C_0029_1.LEFT_CC") -> str:
    return ROW.format(masks=masks).replace("C_0029_1.LEFT_CC", name)


def test_paths_lose_backslashes_and_the_leading_one(tmp_path: Path) -> None:
    mask = r"Benign\0029\C_0029_1.LEFT_CC_Mask.jpg"

    (only,), findings = read_table(write(tmp_path / "t.csv", HEADER, row(f"{mask},-")))

    assert only.image_file == "Benign/0029/C_0029_1.LEFT_CC.jpg"
    assert only.mask_files == ("Benign/0029/C_0029_1.LEFT_CC_Mask.jpg",)
    assert (only.case_id, only.site, only.breast_id) == ("C_0029", "C", "C_0029_LEFT")
    assert (only.side, only.view, only.status) == ("LEFT", "CC", "Benign")
    assert (only.age_years, only.density) == (66.0, 3)
    assert findings == ()


@pytest.mark.parametrize("nothing", ["-,-", ",", "-,", " ,nan"])
def test_dash_and_empty_both_mean_no_mask(tmp_path: Path, nothing: str) -> None:
    table = read_table(write(tmp_path / "t.csv", HEADER, row(nothing)))

    assert table.rows[0].mask_files == ()


def test_up_to_six_masks_are_read(tmp_path: Path) -> None:
    header = HEADER + "".join(f",Tumour_Contour{i}" for i in range(3, 7))

    table = read_table(write(tmp_path / "t.csv", header, row("m1.jpg,m2.jpg") + ",m3,m4,m5,m6"))

    assert table.rows[0].mask_files == ("m1.jpg", "m2.jpg", "m3", "m4", "m5", "m6")


def test_xlsx_and_csv_read_the_same(tmp_path: Path) -> None:
    lines = (HEADER, row("a_Mask.jpg,-"), row(name="A_0001_1.RIGHT_MLO"))

    from_csv = read_table(write(tmp_path / "t.csv", *lines))
    from_xlsx = read_table(write_xlsx(tmp_path / "t.xlsx", *lines))

    assert from_csv == from_xlsx


@pytest.mark.parametrize("separator", [";", "\t"], ids=["semicolon", "tab"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_other_separators_read_as_commas_do(tmp_path: Path, separator: str, encoding: str) -> None:
    lines = (HEADER, row("a_Mask.jpg,-"), row(name="A_0001_1.RIGHT_MLO"))
    # Where semicolons separate, commas mark the decimals.
    separated = [line.replace(",", separator).replace("66", "66,0") for line in lines]

    with_commas = read_table(write(tmp_path / "t.csv", *lines))
    path = write(tmp_path / "other" / "t.csv", *separated, encoding=encoding)

    assert has_table_columns(path)
    assert read_table(path) == with_commas


@pytest.mark.parametrize("word", ["#N/A", "NA", "N/A", "NULL", "#REF!"])
def test_a_mask_by_whatever_name_is_not_none(tmp_path: Path, word: str) -> None:
    (only,), _ = read_table(write(tmp_path / "t.csv", HEADER, row(f"{word},-")))

    assert only.mask_files == (word,)


@pytest.mark.parametrize("error", ["#N/A", "#REF!"])
def test_an_error_in_a_cell_is_not_no_mask(tmp_path: Path, error: str) -> None:
    path = write_xlsx(tmp_path / "t.xlsx", HEADER, row(f"{error},-"))
    assert openpyxl.load_workbook(path).active["F2"].data_type == "e"

    (only,), _ = read_table(path)

    assert only.mask_files == ("#N/A",)


@pytest.mark.parametrize(
    ("word", "status"),
    [("malignant", "Cancer"), ("Malignant", "Cancer"), ("MALIGN", "Cancer"), ("cancer", "Cancer"),
     ("BENIGN", "Benign"), ("normal ", "Normal")],
)  # fmt: skip
def test_status_by_other_words(tmp_path: Path, word: str, status: str) -> None:
    line = row().replace(",Benign,", f",{word},")

    assert read_table(write(tmp_path / "t.csv", HEADER, line)).rows[0].status == status


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", f"{HEADER},tumour_contour", row() + ",more_Mask.jpg")

    with pytest.raises(InputError) as error:
        read_table(path)
    assert str(error.value) == (
        f"{path}: column 'Tumour_Contour' stands twice; rename or remove one"
    )


def test_a_row_longer_than_the_header_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", HEADER, row(), row() + ",more")

    with pytest.raises(InputError, match=r"t\.csv: .* line 3"):
        read_table(path)


def test_rows_are_numbered_as_they_stand_in_the_file(tmp_path: Path) -> None:
    bad = row().replace("LEFT,", "UP,")

    _, (finding,) = read_table(write(tmp_path / "t.csv", HEADER, "", row(), ",,,,,,,,", bad))

    assert finding.file == "t.csv, row 5"


def test_byte_order_mark_blank_lines_and_column_case_do_not_matter(tmp_path: Path) -> None:
    header = HEADER.upper().replace("AGE", " Age ")
    path = write(tmp_path / "t.csv", header, "", row(), ",,,,,,,,", encoding="utf-8-sig")

    assert read_table(path).rows[0].age_years == 66


@pytest.mark.parametrize(
    ("age", "density", "expected"),
    [("", "0", (None, None)), ("nan", "", (None, None)), ("0", "5", (None, None)),
     ("-1", "2", (None, 2)), ("0.5", "3", (0.5, 3)), ("1", "2.5", (1.0, None)),
     ("61.5", "4.0", (61.5, 4)), ("old", "thick", (None, None)), ("inf", "1", (None, 1))],
)  # fmt: skip
def test_missing_values_are_none(
    tmp_path: Path, age: str, density: str, expected: tuple[float | None, int | None]
) -> None:
    line = row().removesuffix("66,3") + f"{age},{density}"

    (only,), _ = read_table(write(tmp_path / "t.csv", HEADER, line))

    assert (only.age_years, only.density) == expected


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [("LEFT,Benign", "UP,Benign", "Side 'UP' is none of LEFT, RIGHT"),
     ("CC,LEFT", "ML,LEFT", "View 'ML' is none of CC, MLO"),
     ("Benign,-", "Sick,-", "Status 'Sick' is none of Normal, Benign, Cancer"),
     (r"\Benign\0029\C_0029_1.LEFT_CC.jpg", "-", "no file in fullPath"),
     (r"\Benign\0029\C_0029_1.LEFT_CC.jpg", r"\Benign\29.jpg",
      "'29.jpg' does not begin with a site letter and a case number")],
)  # fmt: skip
def test_unusable_row_is_a_finding(tmp_path: Path, wrong: str, right: str, said: str) -> None:
    bad = row().replace(wrong, right, 1)

    rows, (finding,) = read_table(write(tmp_path / "t.csv", HEADER, row(), bad))

    assert len(rows) == 1
    assert finding.kind is FindingKind.ROW_UNUSABLE
    assert finding.file == "t.csv, row 3"
    assert finding.detail == said


@pytest.mark.parametrize(
    ("column", "instead", "hint"),
    [
        ("Status", "Stat us", "is 'Stat us' meant? Rename it"),
        ("Status", "Q", "rename or add it"),
        ("fullPath", "Q", "rename or add it"),
        ("View", "Q", "rename or add it"),
        ("Side", "Q", "rename or add it"),
        ("Tumour_Contour", "Q", "is 'Tumour_Contour2' meant? Rename it"),
    ],
)
def test_misnamed_column_is_named_with_what_it_may_be(
    tmp_path: Path, column: str, instead: str, hint: str
) -> None:
    header = HEADER.replace(f"{column},", f" {instead} ,")
    path = write(tmp_path / "t.csv", header, row())
    found = [name.strip() for name in header.split(",")]

    with pytest.raises(InputError) as error:
        read_table(path)
    assert str(error.value) == f"{path}: no column '{column}' among {found}; {hint}"
    assert not has_table_columns(path)


@pytest.mark.parametrize("content", ["", "\n\n", ",,\n"])
def test_empty_table_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "t.csv").write_text(content)

    with pytest.raises(InputError) as error:
        read_table(tmp_path / "t.csv")
    assert str(error.value) == (
        f"{tmp_path / 't.csv'}: the table is empty; copy it again from its source"
    )


@pytest.mark.parametrize(
    ("lines", "reason"),
    [([], ""), ([row().replace("LEFT,", "UP,")], "; the first: Side 'UP' is none of LEFT, RIGHT")],
)
def test_table_without_usable_row_says_why(tmp_path: Path, lines: list[str], reason: str) -> None:
    path = write(tmp_path / "t.csv", HEADER, *lines)

    with pytest.raises(InputError) as error:
        read_table(path)
    assert str(error.value) == (
        f"{path}: no usable row{reason}; check that this is Mini-DDSM's table"
    )


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "t.xls", "missing.csv", "missing.xlsx"])
def test_what_is_no_table_is_an_input_error_that_names_it(tmp_path: Path, name: str) -> None:
    if not name.startswith("missing"):
        (tmp_path / name).write_bytes(b"\xff\xd8\x00 junk")

    with pytest.raises(InputError, match=name):
        read_table(tmp_path / name)


def test_xlsx_with_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    import zipfile

    path = write_xlsx(tmp_path / "t.xlsx", HEADER, row())
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaa">]><workbook>&a;</workbook>'
    with zipfile.ZipFile(path) as old:
        contents = {name: old.read(name) for name in old.namelist()}
    contents["xl/workbook.xml"] = bomb
    with zipfile.ZipFile(path, "w") as new:
        for name, content in contents.items():
            new.writestr(name, content)

    with pytest.raises(InputError, match=r"t\.xlsx"):
        read_table(path)


def test_merging_joins_rows_and_masks(tmp_path: Path) -> None:
    first = read_table(write(tmp_path / "a.csv", HEADER, row("x_Mask.jpg,-")))
    second = read_table(
        write(tmp_path / "b.csv", HEADER, row("other/X_MASK.png,x_Mask2.jpg"),
              row(name="A_0001_1.LEFT_CC"))
    )  # fmt: skip

    merged = merge_tables([first, second])

    assert [r.case_id for r in merged.rows] == ["C_0029", "A_0001"]
    assert merged.rows[0].mask_files == ("x_Mask.jpg", "x_Mask2.jpg")
    assert merged.findings == ()


def test_merging_notes_repeated_and_contradicting_rows(tmp_path: Path) -> None:
    first = read_table(write(tmp_path / "a.csv", HEADER, row(), row()))
    second = read_table(write(tmp_path / "b.csv", HEADER, row().replace("Benign,", "Cancer,")))

    merged = merge_tables([first, second])

    assert merged.rows == first.rows[:1]
    film = "Benign/0029/C_0029_1.LEFT_CC.jpg"
    assert merged.findings == (
        Finding(kind=FindingKind.ROW_REPEATED, file=film, detail="stands twice in one table"),
        Finding(
            kind=FindingKind.TABLES_DISAGREE,
            file=film,
            detail="Benign in one table, Cancer in another; took the first",
        ),
    )


def test_joining_tables_keeps_their_findings(tmp_path: Path) -> None:
    bad = row().replace("LEFT,", "UP,")
    first, second = (
        read_table(write(tmp_path / name, HEADER, row(), bad)) for name in ("a.csv", "b.csv")
    )

    for joined in (merge_tables([first, second]), add_masks(first, second)):
        assert [finding.file for finding in joined.findings] == ["a.csv, row 3", "b.csv, row 3"]


def test_adding_masks_adds_no_view(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "a.csv", HEADER, row("x_Mask.jpg,x_Mask2.jpg")))
    more = read_table(
        write(tmp_path / "b.csv", HEADER + ",Tumour_Contour3",
              row("x_Mask.jpg,x_Mask2.jpg") + ",x_Mask3.jpg", row(name="A_0001_1.LEFT_CC") + ",")
    )  # fmt: skip

    (only,) = add_masks(table, more).rows

    assert only.mask_files == ("x_Mask.jpg", "x_Mask2.jpg", "x_Mask3.jpg")


def test_name_key_ignores_folder_ending_and_case() -> None:
    assert name_key("Benign/0029/C_0029_1.LEFT_CC.jpg") == name_key("c_0029_1.left_cc.PNG")
    assert name_key("a/C_0029_1.LEFT_CC_Mask.jpg") != name_key("a/C_0029_1.LEFT_CC.jpg")
