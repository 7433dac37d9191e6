from pathlib import Path

import pytest
from made_rows import make_dataset, make_results

from evaluation.comparison import Comparison, compare
from evaluation.method_figures import HEADLINES
from formats.coco import write_coco
from formats.results import write_results
from reports.evaluation import tables, wording

CASES = [(f"{s}_{n}", "LEFT", label) for s in "AB" for n, label in enumerate(["Normal", "Cancer"])]


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder: Path = tmp_path_factory.mktemp("tables")
    dataset = make_dataset(CASES)
    write_coco(dataset, folder / "test.json")
    for seed, name in enumerate(("single", "two_stage")):
        write_results(make_results(dataset, name, seed), folder / f"{name}.json")
    paths = [folder / "single.json", folder / "two_stage.json"]
    return compare(folder / "test.json", paths, None, None, resamples=5, seed=0)


def test_every_table_has_a_cell_for_each_column(comparison: Comparison) -> None:
    made = [
        tables.headline_table(comparison),
        tables.difference_table(comparison),
        *tables.coco_tables(comparison),
        *tables.froc_tables(comparison),
        *tables.froc_group_tables(comparison),
        tables.lesion_table(comparison),
        tables.classification_table(comparison, "breast"),
        *tables.site_tables(comparison),
        *tables.within_site_tables(comparison),
    ]

    for table in made:
        assert table is not None
        assert {len(cells) for _, cells in table.rows} == {len(table.columns) - 1}


def test_headlines(comparison: Comparison) -> None:
    table = tables.headline_table(comparison)

    assert table.columns == ["", "single", "two_stage"]
    assert [title for title, _ in table.rows] == [wording.HEADLINES[key] for key in HEADLINES]
    key = HEADLINES["ap50_tumour"]
    assert dict(table.rows)["AP50, tumours"] == [
        comparison.said[name][key] for name in ("single", "two_stage")
    ]


def test_counts(comparison: Comparison) -> None:
    assert dict(tables.count_table(comparison).rows) == {
        "views": ["8", "4", "0", "4"],
        "breasts": ["4", "2", "0", "2"],
        "patients": ["4", "2", "0", "2"],
        "lesions": ["4", "", "0", "4"],
    }


def test_confusion_rows_are_the_truth(comparison: Comparison) -> None:
    confusion = tables.confusions(comparison, "view")[0]
    counts = [[cell.count for cell in row] for row in confusion.rows]
    called = comparison.methods[0].units["view"].called
    truth = comparison.methods[0].units["view"].truth

    assert [sum(row) for row in counts] == [4, 0, 4]
    assert counts[2][0] == ((truth == 2) & (called == 0)).sum()
    assert confusion.rows[2][0].part.value == counts[2][0] / 4
