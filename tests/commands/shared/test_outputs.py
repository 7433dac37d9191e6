from pathlib import Path

import pytest

from commands.shared.outputs import require_new_files, require_writable
from formats.errors import InputError


def test_a_file_in_a_new_folder_is_fine_and_nothing_is_made(tmp_path: Path) -> None:
    require_new_files([tmp_path / "new" / "deep" / "a.json"], [tmp_path / "in.json", None])

    assert list(tmp_path.iterdir()) == []


def test_what_is_read_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "in.json")
    monkeypatch.chdir(tmp_path)

    for path in (tmp_path / "in.json", tmp_path / "link.json", Path("in.json")):
        with pytest.raises(InputError, match=r"\.json: is read and would be written over"):
            require_new_files([path], [tmp_path / "in.json"])


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder; name a file"):
        require_new_files([tmp_path], [])


def test_below_a_file_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(NotADirectoryError, match="file"):
            require_writable(folder)
