"""Connections that nobody can hold without asking: bounded in number and in how they stall."""

import asyncio
from collections.abc import Iterable

from uvicorn.protocols.http.h11_impl import H11Protocol

from serving.limits import ANSWER_SECONDS, MOST_CONNECTIONS, REQUEST_SECONDS


class BoundedConnection(H11Protocol):
    """A connection that is closed when its request's headers, or its answer's taker, do not come.

    Who may ask is known from the headers only, so this has to hold before them. Where there are too
    many connections, the one that has stalled longest gives way: whoever asks at once is answered.
    """

    stalled_since_s: float | None = None
    """By the loop's clock; None while a request is being answered."""
    _giving_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for the first request, and make room for it."""
        super().connection_made(transport)
        self._stall(REQUEST_SECONDS)
        _make_room(one for one in self.connections if isinstance(one, BoundedConnection))

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._go_on()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Take what has come; parts of headers, and the rest of a refused body, are no request."""
        super().handle_events()
        if self._is_answering() and not self.flow.write_paused:
            self._go_on()

    def on_response_complete(self) -> None:
        """Wait for the answer to be taken and for the next request."""
        self._stall(ANSWER_SECONDS if self.transport.get_write_buffer_size() else REQUEST_SECONDS)
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Wait for the answer to be taken."""
        super().pause_writing()
        self._stall(ANSWER_SECONDS)

    def resume_writing(self) -> None:
        """Go on with the answer."""
        super().resume_writing()
        if self._is_answering():
            self._go_on()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _stall(self, most_s: float) -> None:
        self._go_on()
        self.stalled_since_s = self.loop.time()
        # Not `close`, which waits until what is left to send has been taken.
        self._giving_up = self.loop.call_later(most_s, self.transport.abort)

    def _go_on(self) -> None:
        self.stalled_since_s = None
        if self._giving_up is not None:
            self._giving_up.cancel()


def _make_room(connections: Iterable[BoundedConnection]) -> None:
    # One that was aborted is closing and has nothing left to send.
    held = [
        one
        for one in connections
        if not one.transport.is_closing() or one.transport.get_write_buffer_size()
    ]
    if len(held) > MOST_CONNECTIONS:
        since_s = {one: one.stalled_since_s for one in held if one.stalled_since_s is not None}
        min(since_s, key=since_s.__getitem__).transport.abort()
