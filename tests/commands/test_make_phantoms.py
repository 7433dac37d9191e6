from functools import partial
from pathlib import Path

import pytest

from commands.command_line import run_command

main = partial(run_command, "make-phantoms")


def test_draws_into_an_empty_folder_and_prints_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--output-dir", str(tmp_path), "--cases", "3", "--site-bias"]) == 0

    assert capsys.readouterr().out == f"{tmp_path}\n"
    assert {path.name for path in tmp_path.iterdir()} == {
        "Normal", "Benign", "Cancer", "Dataset.csv", "Data-MoreThanTwoMasks.xlsx",
    }  # fmt: skip


def test_bad_input_is_one_line_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--output-dir", str(tmp_path / "out"), "--cases", "1"]) == 1

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1


def test_unwritable_place_is_an_error_without_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")

    assert main(["--output-dir", str(tmp_path / "file" / "out"), "--cases", "3"]) == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_number_of_cases_is_required() -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["--output-dir", "out"])

    assert exit_info.value.code == 2
