from pathlib import Path

import pytest
from blobs import BlobData

from converters.coco import read_coco, write_coco
from tools.split_coco import main


def test_both_parts_are_written_and_printed(
    blob_data: BlobData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for image in (data := read_coco(blob_data.coco_path)).images:
        image["case_id"] = f"P_{image['id']}"
    write_coco(data, tmp_path / "all.json")
    (tmp_path / "val.txt").write_text("P_1\n")
    out = tmp_path / "out"
    arguments = ["--coco", str(tmp_path / "all.json"), "--output-dir", str(out)]

    assert main([*arguments, "--validation-patients", str(tmp_path / "val.txt")]) == 0

    assert capsys.readouterr().out.split() == [
        str(out / f"{part}.json") for part in ("train", "val")
    ]
    assert [image["case_id"] for image in read_coco(out / "val.json").images] == ["P_1"]
    assert len(read_coco(out / "train.json").images) == len(data.images) - 1


def test_a_missing_file_is_named_and_nothing_written(
    blob_data: BlobData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "val.txt").write_text("A_0001\n")
    coco, patients = str(blob_data.coco_path), str(tmp_path / "val.txt")
    for gone, inputs in {
        "gone.txt": ["--coco", coco, "--validation-patients", str(tmp_path / "gone.txt")],
        "gone.json": ["--coco", str(tmp_path / "gone.json"), "--validation-patients", patients],
    }.items():
        assert main([*inputs, "--output-dir", str(tmp_path / "out")]) == 1
        assert gone in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_output_folder_that_is_a_file_is_named(
    blob_data: BlobData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for image in (data := read_coco(blob_data.coco_path)).images:
        image["case_id"] = f"P_{image['id']}"
    write_coco(data, tmp_path / "all.json")
    (tmp_path / "val.txt").write_text("P_1\n")
    arguments = ["--coco", str(tmp_path / "all.json"), "--output-dir", str(tmp_path / "val.txt")]

    assert main([*arguments, "--validation-patients", str(tmp_path / "val.txt")]) == 1
    assert "val.txt" in capsys.readouterr().err
