"""The server under the page: what it takes from the network, and what it says of it."""

import logging

import uvicorn
from starlette.applications import Starlette

from serving.connections import BoundedConnection
from serving.limits import MOST_CONNECTIONS_TAKEN_AT_ONCE

GRACE_SECONDS = 5


def page_server(app: Starlette) -> uvicorn.Server:
    """Return the server of an application, which logs no request and no failure twice."""
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL + 1)
    _say_once(logging.getLogger("asyncio"))
    # Requests have names of films and tokens: no access log. Its own errors quote values.
    settings = uvicorn.Config(
        app,
        http=BoundedConnection,
        ws="none",
        backlog=MOST_CONNECTIONS_TAKEN_AT_ONCE,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return uvicorn.Server(settings)


def _say_once(logger: logging.Logger) -> None:
    """Let a logger say each kind of failure once, in one line without what it quotes."""
    said: set[str] = set()

    def is_new(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        what = error.strerror if isinstance(error, OSError) else None
        failure = what or type(error).__name__
        record.msg = f"error: a connection failed: {failure}; this is said once"
        record.args, record.exc_info = (), None
        is_first = failure not in said
        said.add(failure)
        return is_first

    logger.addFilter(is_new)
