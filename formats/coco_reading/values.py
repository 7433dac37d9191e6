"""Single values of other people's JSON, read as what they mean."""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

ALWAYS_WRITABLE = frozenset({str, int, bool, type(None)})
TRUE_WORDS = frozenset({"1", "true", "yes"})


def as_number(value: Any) -> float | None:
    """Return a finite number, whole ones as int, also where it is a text; None for all else."""
    # Most are: large files are read in a quarter of the time.
    if type(value) is int:
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = float(value.strip())
        except ValueError:
            return None
    if not isinstance(value, int | float) or not _is_finite(value):
        return None
    return int(value) if value == int(value) else value


def as_flag(value: Any) -> bool:
    """Return what 1, true and their texts mean; False for all else."""
    return str(value).strip().casefold() in TRUE_WORDS


def as_text(value: Any) -> str | None:
    """Return a text or a number as text, without blanks around; None for nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, str):
        return value.strip() or None
    number = as_number(value)
    return None if number is None else str(number)


def without_unwritable(raw: Mapping[str, Any], changes: Counter[str]) -> dict[str, Any]:
    """Leave out the keys whose values JSON has no word for: NaN and the infinities."""
    kept = {}
    for key, value in raw.items():
        if type(value) in ALWAYS_WRITABLE or _is_writable(value):
            kept[key] = value
        else:
            changes[f"'{key}' without a finite value left out"] += 1
    return kept


def _is_writable(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(map(_is_writable, value))
    if isinstance(value, dict):
        return all(map(_is_writable, value.values()))
    return True


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
