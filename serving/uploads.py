"""Taking a file from a browser or a program: in parts, bounded, under a name of our own."""

import asyncio
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import unquote

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from serving.limits import MOST_FILE_BYTES, MOST_NAME_LENGTH, UPLOAD_SECONDS

UNNAMED = "film"
TOO_LARGE, TIMED_OUT, EMPTY, BROKEN_OFF, DISK_FULL = 413, 408, 400, 400, 507
# Control signs, line ends, signs that turn the direction of what follows, halves of signs.
NEVER_IN_NAMES = ("Cc", "Cf", "Cs", "Zl", "Zp")


@contextmanager
def place_for_upload(folder: Path) -> Iterator[Path]:
    """Give an empty file below the folder, and take it away again whatever happens."""
    with NamedTemporaryFile(dir=folder, prefix="film-", delete=False) as file:
        path = Path(file.name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


async def receive(request: Request, path: Path) -> None:
    """Write a request's body into a file.

    Raises:
        HTTPException: the body is empty, too large, too slow or broken off, or there is no room for
            it.
    """
    if int(request.headers.get("content-length") or 0) > MOST_FILE_BYTES:
        raise _too_large()
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            size = await _write(request, path)
    except TimeoutError as error:
        raise HTTPException(TIMED_OUT, f"not sent within {UPLOAD_SECONDS} seconds") from error
    except ClientDisconnect as error:
        # Nobody hears it, but it is no failure of the server, either.
        raise HTTPException(BROKEN_OFF, "broken off before its end") from error
    except OSError as error:
        raise HTTPException(DISK_FULL, f"cannot be stored: {error.strerror}") from error
    if not size:
        raise HTTPException(EMPTY, "the request has no body; send the film's file as its body")


def shown_name(request: Request) -> str:
    """Return what the upload's sender calls it: the last part of a path, on one line, not long."""
    given = unquote(request.query_params.get("name", ""))
    last = given.replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = "".join(sign for sign in last if unicodedata.category(sign) not in NEVER_IN_NAMES)
    name = kept.strip()[-MOST_NAME_LENGTH:]
    return name if name.strip(".") else UNNAMED


async def _write(request: Request, path: Path) -> int:
    size = 0
    with path.open("wb") as file:
        async for part in request.stream():
            size += len(part)
            if size > MOST_FILE_BYTES:
                raise _too_large()
            file.write(part)
    return size


def _too_large() -> HTTPException:
    return HTTPException(TOO_LARGE, f"the file has more than {MOST_FILE_BYTES // 2**20} MiB")
