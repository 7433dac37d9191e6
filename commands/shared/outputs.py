"""Finding out before any work whether what it gives can be written."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from formats.errors import InputError


def require_writable(folder: Path) -> None:
    """Try to write in a folder, or where it will be made.

    Raises:
        OSError: nothing can be written there.
    """
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        # Not the trial file's name, which says nothing.
        error.filename = str(existing)
        raise


def require_new_files(paths: Iterable[Path], inputs: Iterable[Path | None]) -> None:
    """Make sure that files can be written, and that none of them is one that will be read.

    Raises:
        InputError: a path is one of the inputs, or a folder.
        OSError: nothing can be written in its folder.
    """
    read = {path.resolve() for path in inputs if path is not None}
    for path in paths:
        if path.resolve() in read:
            raise InputError(f"{path}: is read and would be written over; name another output")
        if path.is_dir():
            raise InputError(f"{path}: is a folder; name a file")
        require_writable(path.parent)
