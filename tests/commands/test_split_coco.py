from functools import partial
from pathlib import Path

import pytest
from blobs import BlobData

from commands.command_line import run_command
from formats.coco import read_coco, write_coco

main = partial(run_command, "split-coco")


@pytest.fixture
def arguments(blob_data: BlobData, tmp_path: Path) -> list[str]:
    """All but the output folder: every film a patient of its own, the first one held out."""
    data = read_coco(blob_data.coco_path)
    for image in data.images:
        image["case_id"] = f"P_{image['id']}"
    write_coco(data, tmp_path / "all.json")
    (tmp_path / "val.txt").write_text("P_1\n")
    patients = ["--validation-patients", str(tmp_path / "val.txt")]
    return ["--coco", str(tmp_path / "all.json"), *patients]


def test_both_parts_are_written_and_printed(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"

    assert main([*arguments, "--output-dir", str(out)]) == 0

    paths = [out / "train.json", out / "val.json"]
    assert capsys.readouterr().out.split() == [str(path) for path in paths]
    train, val = (read_coco(path) for path in paths)
    assert [image["case_id"] for image in val.images] == ["P_1"]
    assert len(train.images) == len(read_coco(tmp_path / "all.json").images) - 1


@pytest.mark.parametrize("name", ["all.json", "val.txt"])
def test_a_missing_file_is_named_and_nothing_written(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / name).unlink()

    assert main([*arguments, "--output-dir", str(tmp_path / "out")]) == 1
    assert name in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_output_folder_that_is_a_file_is_named(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--output-dir", str(tmp_path / "val.txt")]) == 1
    assert "val.txt" in capsys.readouterr().err


def test_the_file_that_is_split_is_not_written_over(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = (tmp_path / "all.json").rename(tmp_path / "train.json")
    content = given.read_bytes()

    assert main(["--coco", str(given), *arguments[2:], "--output-dir", str(tmp_path)]) == 1
    assert "train.json: is read and would be written over" in capsys.readouterr().err
    assert given.read_bytes() == content
