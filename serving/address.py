"""Where the page is found."""

import socket

from formats.errors import InputError
from serving.access import Access

LARGEST_PORT = 65535
EVERY_ADDRESS = ("0.0.0.0", "::")


def listen(host: str, port: int) -> socket.socket:
    """Take an address and a port, before anything else is done.

    Raises:
        InputError: there is no such address on this machine, or the port is taken or none.
    """
    if not 0 <= port <= LARGEST_PORT:
        raise InputError(f"--port {port}: ports go from 0 (a free one) to {LARGEST_PORT}")
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except socket.gaierror as error:
        raise InputError(
            f"--host {host}: {error.strerror}; give an address of this machine"
        ) from error
    except OSError as error:
        raise InputError(
            f"--host {host} --port {port}: {error.strerror}; give another port, or 0 for a free one"
        ) from error


def page_address(listening: socket.socket, access: Access) -> str:
    """Return what to open in a browser, with the token where one is needed."""
    host, port = listening.getsockname()[:2]
    if host in EVERY_ADDRESS:
        host = socket.gethostname()
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/" + (f"?token={access.token}" if access.token else "")
