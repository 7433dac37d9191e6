"""A detector's box conventions, looked up by name."""

from collections.abc import Mapping

from formats.errors import InputError
from formats.geometry.box_conventions import AS_FOUND, BoxConvention

Conventions = Mapping[str, Mapping[str, float]]


def choose_convention(conventions: Conventions, name: str | None) -> tuple[str, BoxConvention]:
    """Return a named convention of a checkpoint, or the one that leaves boxes as they are found.

    Raises:
        InputError: there is no such convention.
    """
    known = {known_name: BoxConvention(**values) for known_name, values in conventions.items()}
    if name is None:
        unchanged = (n for n, convention in known.items() if convention == BoxConvention())
        return next(unchanged, AS_FOUND), BoxConvention()
    if name not in known:
        raise InputError(
            f"box convention '{name}' is not in the detector's {sorted(known)}; name one of these, "
            "or fit it with mammo calibrate --fit-boxes"
        )
    return name, known[name]
