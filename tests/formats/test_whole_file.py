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
