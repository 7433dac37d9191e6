from pathlib import Path

import pytest

from training.saving.restarts import ERROR_FILE, is_restarted, note_start


def test_without_torchrun_nothing_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ERROR_FILE, raising=False)
    note_start(tmp_path)

    assert not is_restarted(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_start_is_known_to_the_same_run_of_torchrun_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for run in ("first", "second"):
        (tmp_path / run / "attempt_0" / "0").mkdir(parents=True)
    monkeypatch.setenv(ERROR_FILE, str(tmp_path / "first/attempt_0/0/error.json"))
    assert not is_restarted(tmp_path / "training")
    note_start(tmp_path / "training")

    monkeypatch.setenv(ERROR_FILE, str(tmp_path / "first/attempt_1/1/error.json"))
    assert is_restarted(tmp_path / "training")
    assert not is_restarted(tmp_path / "another")
    monkeypatch.setenv(ERROR_FILE, str(tmp_path / "second/attempt_0/0/error.json"))
    assert not is_restarted(tmp_path / "training")
