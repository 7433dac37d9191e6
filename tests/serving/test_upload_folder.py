import tempfile
from pathlib import Path

import pytest

from serving.address import listen
from serving.upload_folder import upload_folder


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_nothing_stays_and_nobody_else_can_look() -> None:
    with listen("127.0.0.1", 0) as listening, upload_folder(listening) as folder:
        (folder / "film").write_bytes(b"pixels")
        assert folder.stat().st_mode & 0o777 == 0o700

    assert not folder.exists()


def test_what_a_killed_run_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        left, other = (
            tmp_path / f"mammo-serve-127.0.0.1-{number}-x" for number in (port, f"{port}1")
        )
        for folder in (left, other):
            folder.mkdir()
            (folder / "film").write_bytes(b"pixels")
        with upload_folder(listening):
            assert not left.exists()

    assert other.exists()


def test_links_are_not_followed(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "film").write_bytes(b"pixels")
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        (tmp_path / f"mammo-serve-127.0.0.1-{port}-x").symlink_to(theirs)
        with upload_folder(listening):
            pass

    assert (theirs / "film").exists()
