import csv
import errno
import json
import os
import shutil
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from commands.command_line import run_command
from formats.film_reading.reader import read_grey
from formats.results import read_results

main = partial(run_command, "infer")

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("output")
    assert main([str(EXAMPLES), "--output-dir", str(folder), "--device", "cpu"]) == 0
    return folder


def test_every_example_gets_a_picture_and_a_result(output: Path) -> None:
    names = {path.stem for path in EXAMPLES.glob("*.png")}
    results = read_results(output / "results.json")

    assert {Path(image.file_name).stem for image in results.images} == names
    for name in names:
        picture = cv2.imread(str(output / f"{name}_annotated.png"))
        assert picture.shape[:2] == read_grey(EXAMPLES / f"{name}.png").shape
        assert np.ptp(picture, axis=2).max() > 50, "no coloured box"


def test_boxes_are_on_the_film_and_agree_with_the_table(output: Path) -> None:
    results = read_results(output / "results.json")
    rows = list(csv.DictReader((output / "results.csv").open(encoding="utf-8")))
    boxes = [(image, found) for image in results.images for found in image.detections]

    assert boxes
    assert len([row for row in rows if row["score"]]) == len(boxes)
    for image, found in boxes:
        x1, y1, x2, y2 = found.bbox_xyxy
        assert 0 <= x1 < x2 <= image.width
        assert 0 <= y1 < y2 <= image.height


def test_json_on_standard_output_is_a_results_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = min(EXAMPLES.glob("*.png"))
    assert main([str(example), "--json", "--device", "cpu"]) == 0
    (tmp_path / "results.json").write_text(capsys.readouterr().out, encoding="utf-8")

    assert [image.file_name for image in read_results(tmp_path / "results.json").images] == [
        example.as_posix()
    ]


def test_a_stretched_film_and_a_deep_one_give_the_same_boxes(tmp_path: Path) -> None:
    film = read_grey(min(EXAMPLES.glob("*.png")))
    height_px, width_px = film.shape
    square = cv2.resize(film, (900, 900), interpolation=cv2.INTER_CUBIC)
    for name, image in (
        ("as_is", film),
        ("square", square),
        ("deep", film.astype(np.uint16) * 16 + 1000),
    ):
        cv2.imwrite(str(tmp_path / f"{name}.png"), image)
    arguments = [str(tmp_path), "--output-dir", str(tmp_path / "out"), "--device", "cpu"]
    assert main([*arguments, "--operating-point", "sensitive"]) == 0
    found = {
        Path(image.file_name).stem: np.array([d.bbox_xyxy for d in image.detections])
        for image in read_results(tmp_path / "out" / "results.json").images
    }

    assert len(found["as_is"])
    np.testing.assert_allclose(found["deep"], found["as_is"], atol=0.02 * height_px)
    to_film = np.array([width_px / 900, height_px / 900] * 2)
    np.testing.assert_allclose(
        found["square"][0] * to_film, found["as_is"][0], atol=0.02 * height_px
    )


def test_a_bad_file_among_good_ones_is_named_and_the_exit_code_is_3(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(min(EXAMPLES.glob("*.png")), tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"\x89PNG cut")

    assert main([str(tmp_path), "--device", "cpu"]) == 3
    assert "bad.png" in caplog.text
    assert "good.png" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["missing.png"], ["{}", "--operating-point", "certain"], ["{}", "--detector", "{}"]],
)
def test_what_cannot_start_is_one_line_on_standard_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    example = str(min(EXAMPLES.glob("*.png")))
    assert main([argument.format(example) for argument in arguments]) == 1

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("error: ") == 1


def test_notice_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    main([str(min(EXAMPLES.glob("*.png"))), "--json", "--device", "cpu"])

    assert "not a medical device" in caplog.text


def test_json_has_only_finite_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    main([str(EXAMPLES), "--json", "--device", "cpu"])

    json.loads(capsys.readouterr().out, parse_constant=pytest.fail)


def test_a_second_run_does_not_read_the_outputs_of_the_first(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(min(EXAMPLES.glob("*.png")), tmp_path / "film.png")
    shutil.copy(tmp_path / "film.png", tmp_path / "film_Mask.png")
    arguments = [str(tmp_path), "--output-dir", str(tmp_path / "out"), "--device", "cpu"]
    printed, written = [], []
    for _ in range(2):
        assert main(arguments) == 0
        printed.append(capsys.readouterr().out)
        files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
        written.append({path.name: path.read_bytes() for path in files})

    assert printed[0] == printed[1]
    assert written[0] == written[1]
    assert "masks left out: 1," in caplog.text
    assert {"results.json", "results.csv", "results.coco.json"} < written[0].keys()
    assert f"earlier outputs left out: {len(written[0])}," in caplog.text


def test_results_of_odd_file_names_are_never_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    films, out = tmp_path / "films", tmp_path / "out"
    films.mkdir()
    names = [b"f_\xe4.png", b"n" * 250 + b".png", b"z.png"]
    for name in names:
        shutil.copy(min(EXAMPLES.glob("*.png")), os.fsencode(films) + b"/" + name)

    assert main([str(films), "--output-dir", str(out), "--device", "cpu"]) == 0
    assert capsys.readouterr().out.count("probability") == 3
    results = read_results(out / "results.json").images
    assert sorted(os.fsencode(Path(image.file_name).name) for image in results) == sorted(names)
    assert "f_\\udce4.png" in (out / "results.csv").read_text(encoding="utf-8")
    assert len(list(out.glob("*_annotated.png"))) == 3


def test_a_picture_that_cannot_be_written_does_not_cost_the_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*arguments: object) -> Path:
        raise OSError(errno.ENAMETOOLONG, "File name too long")

    monkeypatch.setattr("reports.films.annotated_film_files.write_annotated_film", refuse)

    assert main([str(EXAMPLES), "--output-dir", str(tmp_path), "--device", "cpu"]) == 3
    assert "File name too long" in caplog.text
    assert len(read_results(tmp_path / "results.json").images) == 2


def test_a_full_disk_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*arguments: object) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device", "film_annotated.png")

    monkeypatch.setattr("reports.films.annotated_film_files.write_annotated_film", refuse)

    assert main([str(EXAMPLES), "--output-dir", str(tmp_path), "--device", "cpu"]) == 1
    assert "film_annotated.png: No space left on device" in capsys.readouterr().err
    assert not (tmp_path / "results.json").exists()
    # The film whose picture is missing is not finished.
    assert len((tmp_path / "results.json.journal").read_text().splitlines()) == 1


def test_an_output_folder_that_is_a_file_is_found_out_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("")

    assert main([str(EXAMPLES), "--output-dir", str(tmp_path / "out"), "--device", "cpu"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"error: {tmp_path / 'out'}: ")


def test_an_unreadable_folder_is_said_and_the_exit_code_is_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "closed").mkdir()
    shutil.copy(min(EXAMPLES.glob("*.png")), tmp_path / "film.png")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)

    assert main([str(tmp_path), "--device", "cpu"]) == 3
    assert "closed: cannot be listed (Permission denied)" in caplog.text
