"""What a part of this program needs that is installed with an extra only."""

from importlib.util import find_spec

from formats.errors import InputError


def require_extra(extra: str, *packages: str) -> None:
    """Make sure that an extra's packages are installed.

    Raises:
        InputError: one is not.
    """
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise InputError(
            f"{' and '.join(missing)}: not installed; `pip install 'mammo-two-stage[{extra}]'`, "
            f"or `pip install '.[{extra}]'` in a checkout"
        )
