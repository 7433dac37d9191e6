from views import make_lesion, make_row, make_view

from converters.quality.report import conversion_sections, table_report
from reports.conversion.tables import conversion_tables

CANCER = make_view("C_0001", "Cancer", lesions=[make_lesion("Cancer")])
NORMAL = make_view("A_0001", "Normal")


def test_counts_stand_under_their_columns() -> None:
    rows = [CANCER.row, NORMAL.row]
    report = table_report(rows, [], {})
    report |= conversion_sections(
        [CANCER, NORMAL], {"train": [CANCER, NORMAL], "val": [], "test": []}
    )
    tables = {table.caption: table for table in conversion_tables(report)}

    split = tables["Split, by patient"]
    assert split.columns == ["", "Patients", "Views", "Normal", "Benign", "Cancer", "Lesions"]
    assert split.rows[0] == ("Training", ["2", "2", "1", "0", "1", "1"])
    assert dict(tables["Views by site and folder"].rows) == {
        "Site A": ["1", "0", "0"],
        "Site C": ["0", "0", "1"],
    }
    for table in tables.values():
        assert {len(cells) for _, cells in table.rows} == {len(table.columns) - 1}


def test_tables_alone_have_no_split() -> None:
    tables = conversion_tables(table_report([make_row("A_0001", "Normal")], [], {}))

    assert [table.caption for table in tables] == [
        "By the data set's table",
        "Views by site and folder",
    ]
