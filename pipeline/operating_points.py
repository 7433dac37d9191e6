"""Named scores from which on a box counts as found."""

from collections.abc import Mapping

from formats.errors import InputError


def operating_score(operating_points: Mapping[str, float], name: str) -> float:
    """Return the lowest score that counts as found at a named operating point.

    Raises:
        InputError: there is no such point.
    """
    if not operating_points:
        raise InputError(
            "the checkpoints have no operating points of their own; run `mammo calibrate` on them"
        )
    if name not in operating_points:
        raise InputError(
            f"operating point '{name}' is not in the checkpoint's {sorted(operating_points)}; "
            "name one of these"
        )
    return operating_points[name]
