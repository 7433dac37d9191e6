"""The server under the page, on a real port: who holds connections without asking."""

import errno
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from serving import connections
from serving.address import listen
from serving.server import page_server

PATIENCE_S = 20
ASKED = b"GET /api/model HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HALF = ASKED[:-2]
REFUSED = b"POST /api/predict HTTP/1.1\r\nHost: elsewhere\r\nContent-Length: 1000000\r\n\r\n"


@pytest.fixture
def port(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(logging.getLogger("asyncio"), "filters", [])
    with listen("127.0.0.1", 0) as listening:
        server = page_server(app)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(PATIENCE_S)
    assert not thread.is_alive()


def connect(port: int, content: bytes) -> socket.socket:
    connected = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
    connected.sendall(content)
    return connected


def status(connected: socket.socket) -> bytes:
    return connected.recv(12)[-3:]


def is_closed(connected: socket.socket) -> bool:
    """Whether the other side closes it; waits for a while."""
    try:
        while connected.recv(4096):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        pass
    return True


def takes_more(connected: socket.socket) -> bool:
    try:
        connected.sendall(b"0")
    except ConnectionError:
        return False
    return True


def test_half_a_request_is_given_up(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.3)

    with connect(port, HALF) as half, connect(port, b"") as silent:
        assert is_closed(half)
        assert is_closed(silent)
    with connect(port, ASKED) as asking:
        assert status(asking) == b"200"


def test_a_refused_body_that_trickles_is_given_up(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.5)

    with connect(port, REFUSED) as trickling:
        assert status(trickling) == b"403"
        until(lambda: not takes_more(trickling))


def test_whoever_asks_is_answered_while_others_hold_every_connection(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 5)
    held = [connect(port, HALF) for _ in range(20)]

    with connect(port, ASKED) as asking:
        assert status(asking) == b"200"
        assert all(is_closed(connected) for connected in held[:15])
    for connected in held:
        connected.close()


def test_an_answer_that_is_slow_to_come_is_waited_for(
    port: int, pair: object, png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.3)
    find = pair.predict  # type: ignore[attr-defined]

    def find_slowly(*arguments: object) -> object:
        time.sleep(1)
        return find(*arguments)

    pair.predict = find_slowly  # type: ignore[attr-defined]
    head = f"POST /api/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(png)}\r\n\r\n"
    with connect(port, head.encode() + png) as asking:
        assert status(asking) == b"200"


def test_what_fails_over_and_over_is_said_once(port: int, caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("asyncio")
    for _ in range(100):
        error = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        logger.error("socket.accept() out of system resource\nsocket: PLANTED", exc_info=error)

    said = [record for record in caplog.records if record.name == "asyncio"]
    assert [record.getMessage() for record in said] == [
        "error: a connection failed: Too many open files; this is said once"
    ]
    assert said[0].exc_info is None


def test_an_upload_that_is_broken_off_is_no_failure(
    port: int, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    head = b"POST /api/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n"
    with connect(port, head + bytes(1000)):
        until(lambda: bool(list(folder.iterdir())))
    until(lambda: not list(folder.iterdir()))

    with connect(port, ASKED) as asking:
        assert status(asking) == b"200"
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def until(holds: Callable[[], bool]) -> None:
    ends_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < ends_s
        time.sleep(0.02)
