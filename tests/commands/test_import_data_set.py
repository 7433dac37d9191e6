from functools import partial
from pathlib import Path

import pytest
from foreign_layouts import CbisDdsm, write_film, write_inbreast

from commands.command_line import run_command
from commands.import_data_set import FORMATS
from converters.imports.sources import SOURCES
from formats.coco import read_json

main = partial(run_command, "import")


def test_the_formats_are_those_that_can_be_read() -> None:
    assert FORMATS == SOURCES


def test_an_import_leaves_what_a_conversion_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_inbreast(tmp_path / "inbreast")
    arguments = ["--format", "inbreast", "--output-dir", str(tmp_path / "out")]
    code = main([str(tmp_path / "inbreast"), *arguments])
    captured = capsys.readouterr()

    assert code == 0
    names = [Path(line).name for line in captured.out.splitlines()]
    assert names[:7] == [
        "all.json", "train.json", "val.json", "test.json", "splits.csv", "quality_report.json",
        "quality_report.html",
    ]  # fmt: skip
    assert all(Path(line).is_file() for line in captured.out.splitlines())
    page = (tmp_path / "out" / "quality_report.html").read_text()
    for said in ("3 films of 2 patients", "Unknown pathology", "What leaks", "Layout: inbreast"):
        assert said in page
    report = read_json(tmp_path / "out" / "quality_report.json")
    assert report["lesions"]["by_assessment"] == {"5": 2}
    assert "2 x" in "".join(report["changes"]) or "1 x" in "".join(report["changes"])


def test_what_leaks_is_warned_of_and_what_is_missing_ends_with_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = CbisDdsm(tmp_path / "cbis", "png")
    data.add("P_00001")
    data.add("P_00001", "LEFT_MLO", part="Test")
    data.add("P_00002")
    data.write_tables()
    (data.root / "Mass-Training_P_00002_LEFT_CC.png").unlink()

    assert main([str(data.root), "--format", "cbis-ddsm", "--output-dir", str(tmp_path / "o")]) == 3
    said = capsys.readouterr().err
    assert "1 patients stand in two parts of the source's own split, such as P_00001" in said
    assert "1 films or annotations could not be used" in said


def test_all_names_that_are_not_understood_come_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "csv"
    folder.mkdir()
    write_inbreast(tmp_path / "inbreast")
    (folder / "t.csv").write_text(
        "file_name,class,xmin,ymin,xmax,ymax\n"
        + "".join(f"{n}.png,{name},1,2,3,4\n" for n, name in enumerate(("M1", "B2", "benign")))
    )
    for number in range(3):
        write_film(folder / f"{number}.png")

    assert main([str(folder), "--format", "csv", "--output-dir", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    for part in ("'M1' (1 annotations) is not", "'B2' (1", "'benign' (1 annotations) is Benign"):
        assert part in said
    (tmp_path / "map.yaml").write_text("M1: malignant mass\nB2: benign\n")
    mapped = ["--category-map", str(tmp_path / "map.yaml"), "--output-dir", str(tmp_path / "out")]
    assert main([str(folder), "--format", "csv", *mapped]) == 0
