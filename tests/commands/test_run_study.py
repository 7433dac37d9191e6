from pathlib import Path

import pytest

from commands.command_line import run_command


def test_a_failing_command_stops_the_study(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"

    assert run_command("run-study", ["--output-dir", str(folder), "--cases", "1"]) == 1
    assert "error: exit code 1 of: mammo make-phantoms" in capfd.readouterr().err
    assert not folder.exists()


def test_a_folder_in_use_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")

    assert run_command("run-study", ["--output-dir", str(tmp_path)]) == 1
    assert "is not empty" in capsys.readouterr().err
