import errno
import os
from pathlib import Path

import pytest

from formats.whole_file import write_whole


def test_writes_into_a_new_folder_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.csv"

    write_whole(b"old", path)
    write_whole(b"content", path)

    assert path.read_bytes() == b"content"
    assert list(path.parent.iterdir()) == [path]


def test_old_file_survives_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    write_whole(b"old", path)
    path.with_name("file.csv.partial").mkdir()

    with pytest.raises(IsADirectoryError):
        write_whole(b"new", path)
    assert path.read_bytes() == b"old"


def test_a_failed_write_names_the_file_and_leaves_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.csv"
    write_whole(b"old", path)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as error:
        write_whole(b"new", path)
    assert error.value.filename == str(path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"file.csv": b"old"}


def test_an_interruption_leaves_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(b"new", tmp_path / "file.csv")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a" * 255, "ä" * 127, "a" * 251 + ".csv"])
def test_the_longest_names_are_written(name: str, tmp_path: Path) -> None:
    write_whole(b"content", tmp_path / name)

    assert [path.name for path in tmp_path.iterdir()] == [name]
