"""One thing after the other: the networks and the pictures share the processor's cores."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from starlette.exceptions import HTTPException

from serving.limits import MOST_UPLOADS_AT_ONCE

BUSY = 503
RETRY_AFTER_SECONDS = "5"
Value = TypeVar("Value")


class WorkQueue:
    """Runs work in one thread, in the order in which it comes, and bounds how much waits."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(max_workers=1)
        self._uploads = 0

    async def run(self, work: Callable[[], Value]) -> Value:
        """Wait for one's turn, and for what the work gives."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for an upload, from its first byte to its answer.

        Raises:
            HTTPException: there is none left.
        """
        if self._uploads >= MOST_UPLOADS_AT_ONCE:
            raise HTTPException(
                BUSY,
                f"{self._uploads} films are being read; try again",
                {"Retry-After": RETRY_AFTER_SECONDS},
            )
        self._uploads += 1
        try:
            yield
        finally:
            self._uploads -= 1

    def close(self) -> None:
        """Drop what waits, and let what runs come to its end."""
        self._worker.shutdown(cancel_futures=True)
