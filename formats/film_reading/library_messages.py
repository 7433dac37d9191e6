"""What libraries that read films say, kept so that it can be said by file name."""

import logging
import os
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

STANDARD_ERROR = 2
# libjpeg and libtiff go on after these and leave grey or shifted parts.
DAMAGE_WORDS = (
    *("Corrupt JPEG data", "Premature end of JPEG"),
    # Strips that are missing, or more than there is room for.
    *("TIFF_Error", "Incorrect count for"),
)
# The descriptor, the loggers and the filters of warnings belong to the whole process: a thread that
# is through would give back their voice to what another still reads.
_lock = threading.RLock()


@contextmanager
def caught_messages() -> Iterator[list[str]]:
    """Catch what libraries written in C say meanwhile; the lines are in the list afterwards."""
    lines: list[str] = []
    with _lock, tempfile.TemporaryFile() as caught:
        sys.stderr.flush()
        try:
            kept = os.dup(STANDARD_ERROR)
        except OSError:
            # The process has no standard error.
            yield lines
            return
        os.dup2(caught.fileno(), STANDARD_ERROR)
        try:
            yield lines
        finally:
            os.dup2(kept, STANDARD_ERROR)
            os.close(kept)
            caught.seek(0)
            lines += caught.read().decode(errors="replace").splitlines()


@contextmanager
def silent_libraries(*names: str) -> Iterator[None]:
    """Keep libraries written in Python from logging and warning: they do not know of which file."""
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logs = [logging.getLogger(name) for name in names]
        levels = [log.level for log in logs]
        for log in logs:
            # Above all levels, for the loggers below it too.
            log.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for log, level in zip(logs, levels, strict=True):
                log.setLevel(level)


def damage_in(messages: list[str]) -> str | None:
    """Return the first line that says that a picture was decoded in spite of damage."""
    return next((line for line in messages if any(word in line for word in DAMAGE_WORDS)), None)
