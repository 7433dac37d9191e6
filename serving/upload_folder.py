"""Where uploads lie until they are read, and nothing stays."""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def upload_folder(listening: socket.socket) -> Iterator[Path]:
    """Make a folder that only this user can open, and remove it at the end.

    What an earlier run at this address left, which was killed, is removed first: nobody else can
    be listening here.
    """
    host, port = listening.getsockname()[:2]
    prefix = f"mammo-serve-{host.replace(':', '-')}-{port}-"
    for left_over in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        # Those of other users stay, and links are not followed.
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix) as folder:
        yield Path(folder)
