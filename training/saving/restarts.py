"""Trainings that `torchrun` starts again, because a process of theirs died.

What was refused the first time is started again too, and must be refused again: a start that went
well is noted in the folder that `torchrun` has for this one run of its own.
"""

import hashlib
import os
from pathlib import Path

ERROR_FILE = "TORCHELASTIC_ERROR_FILE"
"""Names a file in `RUN/attempt_N/LOCAL_RANK/`."""


def note_start(run_dir: Path) -> None:
    """Note that the training in a folder has begun, where `torchrun` may start it again."""
    note = _note(run_dir)
    if note is not None:
        note.touch()


def is_restarted(run_dir: Path) -> bool:
    """Tell whether this run of `torchrun` has begun the training in a folder before."""
    note = _note(run_dir)
    return note is not None and note.exists()


def _note(run_dir: Path) -> Path | None:
    if ERROR_FILE not in os.environ:
        return None
    folder = Path(os.environ[ERROR_FILE]).parents[2]
    name = hashlib.sha256(os.fsencode(run_dir.resolve())).hexdigest()
    return folder / f"training-{name}" if folder.is_dir() else None
