"""Whether what only the page needs is installed."""

from importlib.util import find_spec

from formats.errors import InputError

NEEDED = ("starlette", "uvicorn")


def require_web() -> None:
    """Make sure of it.

    Raises:
        InputError: it is not.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise InputError(
            f"{' and '.join(missing)}: not installed; `pip install 'mammo-two-stage[web]'`, or "
            "`pip install '.[web]'` in a checkout"
        )
