import csv
import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from commands.command_line import run_command
from formats.results import read_results

main = partial(run_command, "infer")
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.png"))


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A breast with both views."""
    folder = tmp_path / "films"
    folder.mkdir()
    for place, name in enumerate(("C_0007_1.LEFT_CC.png", "C_0007_1.LEFT_MLO.png")):
        shutil.copy(EXAMPLES[place], folder / name)
    return folder


def test_a_folder_of_named_views_is_a_case(films: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(films), "--json", "--device", "cpu"]) == 0

    document = json.loads(capsys.readouterr().out)
    cancer = [image["scores"]["Cancer"] for image in document["images"]]
    (breast,), (case,) = document["breasts"], document["cases"]
    assert (breast["case_id"], breast["side"], breast["views"]) == ("C_0007", "LEFT", ["CC", "MLO"])
    assert case["scores"] == breast["scores"]
    assert document["fusion"]["tumour"]["method"] in ("maximum", "fitted")
    if document["fusion"]["cancer"]["method"] == "maximum":
        assert breast["scores"]["Cancer"] == max(cancer)


def test_a_view_that_stands_twice_is_asked_about_and_settled_by_a_table(
    films: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copy(films / "C_0007_1.LEFT_CC.png", films / "C_0007_2.LEFT_CC.png")
    out = tmp_path / "out"
    arguments = [str(films), "--output-dir", str(out), "--device", "cpu"]

    assert main(arguments) == 3
    assert "C_0007_2.LEFT_CC.png: all are C_0007 LEFT CC" in caplog.text
    assert "--case-table" in caplog.text
    assert read_results(out / "results.json").breasts is None

    table = tmp_path / "cases.csv"
    table.write_text("case,side,view,file\n9,R,CC,films/C_0007_1.LEFT_CC.png\n")
    assert main([*arguments, "--case-table", str(table)]) == 0
    (breast,) = read_results(out / "results.json").breasts
    assert (breast.case_id, breast.side, breast.views) == ("9", "RIGHT", ["CC"])


def test_a_table_names_its_own_films(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = films / "cases.csv"
    table.write_text("case,side,view,file\n9,R,CC,C_0007_1.LEFT_CC.png\n")

    assert main(["--case-table", str(table), "--json", "--device", "cpu"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [image["case_id"] for image in document["images"]] == ["9"]


def test_breast_and_case_are_printed_and_tabled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "anna"
    folder.mkdir()
    for place, name in enumerate(("LCC.png", "L_MLO.png")):
        shutil.copy(EXAMPLES[place], folder / name)
    out = tmp_path / "out"

    assert main([str(folder), "--output-dir", str(out), "--device", "cpu"]) == 0

    (breast,) = read_results(out / "results.json").breasts
    case_line, breast_line = capsys.readouterr().out.splitlines()[-2:]
    assert case_line.startswith(f"case anna, left: {breast.label}, ")
    assert breast_line.startswith(f"breast anna left, CC and MLO: {breast.label}, ")
    assert f"of cancer {breast.scores['Cancer']:.2f}" in breast_line
    with (out / "results.csv").open() as table:
        said = {(row["case_id"], row["view"], row["breast_label"]) for row in csv.DictReader(table)}
    assert said == {("anna", "CC", breast.label), ("anna", "MLO", breast.label)}
