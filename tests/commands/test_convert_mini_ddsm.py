import json
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from small_ddsm import SHAPE_HW, SmallDdsm, draw_film, draw_outline

from commands.command_line import run_command

main = partial(run_command, "convert-mini-ddsm")

BOX = (30, 50, 40, 60)


@pytest.fixture
def data(tmp_path: Path) -> SmallDdsm:
    data = SmallDdsm(tmp_path / "data")
    for number in range(1, 8):
        data.add_view(f"A_{number:04d}", "Normal")
        data.add_view(f"C_{number:04d}", "Cancer", masks=(draw_outline(BOX),))
        data.add_view(f"C_{number:04d}", "Cancer", view="LEFT_MLO")
    data.write_table()
    return data


def test_converts_and_prints_the_paths(
    data: SmallDdsm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"

    code = main(
        ["--root", str(data.root), "--output-dir", str(out), "--seed", "3", "--split", "0.5",
         "0.25", "0.25", "--sibling-unmarked", "keep", "--other-breast", "drop"]
    )  # fmt: skip

    assert code == 0
    printed = capsys.readouterr().out.splitlines()
    assert {Path(line).name for line in printed} == {
        "all.json", "train.json", "val.json", "test.json", "splits.csv", "quality_report.json",
        "quality_report.html", "age_distribution.png", "mean_age_by_status.png",
        "class_balance.png", "lesion_sizes.png", "lesion_places.png",
    }  # fmt: skip
    assert {Path(line) for line in printed} == set(out.iterdir())
    assert json.loads((out / "quality_report.json").read_text())["settings"] == {
        "tables": ["DataWMask.csv"],
        "seed": 3,
        "ratios": [0.5, 0.25, 0.25],
        "keep_unmarked_siblings": True,
        "keep_other_breasts": False,
    }
    rows = (out / "splits.csv").read_text().splitlines()
    assert rows[0] == "case_id,part,label,site,views"
    parts = [row.split(",")[1] for row in rows[1:]]
    assert sorted(parts) == ["test"] * 3 + ["train"] * 7 + ["val"] * 4
    assert rows[-1].startswith("C_0007,")
    assert rows[-1].endswith(",Cancer,C,2")


def test_unreadable_input_gives_code_3_and_the_rest(
    data: SmallDdsm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data.root / "Normal" / "0001" / "A_0001_1.LEFT_CC.jpg").write_bytes(b"junk")

    code = main(["--root", str(data.root), "--output-dir", str(tmp_path / "out")])

    assert code == 3
    said = capsys.readouterr().err
    assert "1 films, masks or folders could not be used" in said
    assert "A_0001_1.LEFT_CC.jpg" in said
    assert (tmp_path / "out" / "all.json").exists()


@pytest.mark.parametrize("level", [0, 255], ids=["black", "white"])
def test_a_mask_without_an_outline_is_said_and_gives_code_3(
    data: SmallDdsm, tmp_path: Path, capsys: pytest.CaptureFixture[str], level: int
) -> None:
    mask = data.root / "Cancer" / "0002" / "C_0002_1.LEFT_CC_Mask.jpg"
    cv2.imwrite(str(mask), np.full(SHAPE_HW, level, np.uint8))

    code = main(["--root", str(data.root), "--output-dir", str(tmp_path / "out")])

    assert code == 3
    said = capsys.readouterr().err
    assert f"warning: Masks without an outline: 1, first Cancer/0002/{mask.name}" in said


def test_a_film_as_mask_is_said_and_gives_code_3(
    data: SmallDdsm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mask = data.root / "Cancer" / "0002" / "C_0002_1.LEFT_CC_Mask.jpg"
    cv2.imwrite(str(mask), draw_film("film"))

    code = main(["--root", str(data.root), "--output-dir", str(tmp_path / "out")])

    assert code == 3
    assert f"{mask.name}: a photograph, not a mask" in capsys.readouterr().err


def test_links_that_lead_back_change_nothing(data: SmallDdsm, tmp_path: Path) -> None:
    main(["--root", str(data.root), "--output-dir", str(tmp_path / "plain")])
    for name in ("Cancer/up", "Normal/round"):
        (data.root / name).symlink_to(data.root, target_is_directory=True)

    code = main(["--root", str(data.root), "--output-dir", str(tmp_path / "linked")])

    assert code == 0
    for path in (tmp_path / "plain").iterdir():
        assert (tmp_path / "linked" / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize(
    "change",
    [["--root", "nowhere"], ["--split", "0.9", "0.9", "0.9"], ["--metadata", "missing.csv"],
     ["--seed", "-1"]],
)  # fmt: skip
def test_bad_input_is_one_line_and_code_1(
    data: SmallDdsm, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: list[str]
) -> None:
    arguments = ["--root", str(data.root), "--output-dir", str(tmp_path / "out"), *change]

    assert main(arguments) == 1

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_metadata_only_needs_no_root(tmp_path: Path, data: SmallDdsm) -> None:
    table = str(data.root / "DataWMask.csv")
    out = tmp_path / "out"

    code = main(["--metadata", table, "--metadata-only", "--output-dir", str(out)])

    assert code == 0
    assert json.loads((out / "quality_report.json").read_text())["table"]["cases"] == 14


def test_root_is_required_otherwise(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["--output-dir", str(tmp_path)])

    assert exit_info.value.code == 2
