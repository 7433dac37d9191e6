"""Names of files and patients are never run, and results under any name are never lost."""

import csv
import io
from pathlib import Path

import pytest
from made_rows import make_dataset, make_results

from evaluation.comparison import compare
from formats.coco import write_coco
from formats.results import ImageResult, Results, read_results, write_results
from pipeline.many_films.result_lines import results_to_csv
from reports.evaluation.report import write_report

NORMAL = {"Normal": 1.0, "Benign": 0.0, "Cancer": 0.0}
NAMES = [
    "=cmd|' /C calc'!A1.png",
    "+1.png",
    "-1.png",
    "@SUM(A1).png",
    "\t=1.png",
    'a,b;"c".png',
    "two\nlines.png",
    "f_\udce4.png",
    "ü" * 120 + ".png",
    "<script>alert(1)</script>.png",
]


def results_of(names: list[str]) -> Results:
    return Results(
        method="m",
        models=[],
        images=[
            ImageResult(file_name=name, width=9, height=9, label="Normal", scores=NORMAL)
            for name in names
        ],
    )


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_table_holds_the_name_and_no_formula(name: str) -> None:
    table = results_to_csv(results_of([name]))
    cell = list(csv.reader(io.StringIO(table)))[1][0]

    assert Path(cell) == Path(name)
    assert cell[0] not in "=+-@\t\r"


def test_a_results_file_holds_every_name(tmp_path: Path) -> None:
    write_results(results_of(NAMES), tmp_path / "r.json")

    assert [image.file_name for image in read_results(tmp_path / "r.json").images] == NAMES


def test_a_report_shows_markup_and_does_not_run_it(tmp_path: Path) -> None:
    markup = "<script>alert(1)</script>"
    dataset = make_dataset([(markup, "LEFT", "Cancer"), ("P_2", "LEFT", "Normal")])
    results = make_results(dataset, "<img src=x onerror=alert(1)>", 0)
    write_coco(dataset, tmp_path / "test.json")
    write_coco(make_dataset([(markup, "LEFT", "Cancer")]), tmp_path / "train.json")
    write_results(results, tmp_path / "r.json")
    comparison = compare(
        *(tmp_path / "test.json", [tmp_path / "r.json"], None, None),
        resamples=5,
        seed=0,
        allow_leak=True,
    )
    write_report(comparison, tmp_path / "report")
    page = (tmp_path / "report" / "report.html").read_text()

    assert "&lt;script&gt;alert(1)" in page
    assert markup not in page
    assert "<img src=x" not in page
