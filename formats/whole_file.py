"""Writing a file whole or not at all."""

import os
from pathlib import Path

ENDING = ".partial"
# What file systems take; names of films, and so of what is made from them, may come close.
LONGEST_NAME_BYTES = 255


def write_whole(content: bytes, path: Path) -> None:
    """Write beside the path first, then take its place; missing folders are made.

    When this returns, the file outlasts a power failure. After an error, and after a signal that
    raises one, what stood there before still does, with nothing beside it.

    Raises:
        OSError: it cannot be written; its `filename` is the path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = _partial_path(path)
    try:
        with partial.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
        _flush_folder(path.parent)
    except BaseException as error:
        if partial.is_file():
            partial.unlink()
        if isinstance(error, OSError):
            # A failed write does not say of which file, and nobody knows the partial one.
            error.filename, error.filename2 = str(path), None
        raise


def _partial_path(path: Path) -> Path:
    kept = os.fsencode(path.name)[: LONGEST_NAME_BYTES - len(ENDING)]
    return path.with_name(os.fsdecode(kept) + ENDING)


def _flush_folder(folder: Path) -> None:
    """Put the new name on the disk; only POSIX systems let a folder be opened for that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
