"""What image libraries write to the standard error, caught so that it can be said by file name."""

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

STANDARD_ERROR = 2
# libjpeg and libtiff go on after these and leave grey or shifted parts.
DAMAGE_WORDS = ("Corrupt JPEG data", "Premature end of JPEG", "TIFF_Error")
# The descriptor belongs to the whole process.
_lock = threading.Lock()


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


def damage_in(messages: list[str]) -> str | None:
    """Return the first line that says that a picture was decoded in spite of damage."""
    return next((line for line in messages if any(word in line for word in DAMAGE_WORDS)), None)
