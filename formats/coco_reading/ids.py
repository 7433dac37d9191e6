"""Ids of other people's records -> whole numbers from 1, and back."""

from collections import Counter
from typing import Any

from formats.faults import Faults

Key = int | str


class IdMap:
    """Which number each record has, and which record an id means."""

    def __init__(
        self,
        kind: str,
        raw_ids: list[Any],
        faults: Faults,
        changes: Counter[str],
        *,
        may_lack: bool = False,
    ) -> None:
        """Number the records.

        Whole numbers from 1 stay. Those from 0 on are moved up: pycocotools takes id 0 for 'no
        match'. Texts are numbered in their order.

        Args:
            kind: what messages call the records.
            raw_ids: as the file has them; None where there is none.
            faults: takes ids that stand twice or lack.
            changes: takes what was changed.
            may_lack: a record without an id is no fault; all are numbered then.
        """
        keys = [_key(raw) for raw in raw_ids]
        present = [key for key in keys if key is not None]
        for present_key, count in Counter(present).items():
            if count > 1:
                said = f"{kind} id {present_key} stands {count} times"
                faults.add(said, f"give each {kind} its own id")
        for place, key in enumerate(keys):
            if key is None and not may_lack:
                faults.add(f"{kind}s[{place}] has no 'id'", f"give each {kind} an id")
        self.numbers: list[int | None] = _numbers(kind, keys, changes, may_lack)
        """Of each record; None where it has no id and none was given."""
        self._number_of = {
            key: number for key, number in zip(keys, self.numbers, strict=True) if key is not None
        }

    def find(self, raw_id: Any) -> int | None:
        """Return the number of the record that an id means; None where there is none."""
        key = _key(raw_id)
        return None if key is None else self._number_of.get(key)


def _key(raw: Any) -> Key | None:
    """Return an id as what compares equal: `7`, `"7"` and `7.0` are one, `"07"` is another."""
    if isinstance(raw, bool) or raw is None:
        return None
    if isinstance(raw, str):
        text = raw.strip()
        is_plain = text.removeprefix("-").isascii() and text.removeprefix("-").isdigit()
        return int(text) if is_plain and len(text) < 19 and str(int(text)) == text else text or None
    if isinstance(raw, int):
        return raw
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    return str(raw)


def _numbers(
    kind: str, keys: list[Key | None], changes: Counter[str], may_lack: bool
) -> list[int | None]:
    whole = [key for key in keys if isinstance(key, int)]
    lacks = None in keys and may_lack
    if lacks or len(whole) < len([key for key in keys if key is not None]):
        why = "lacked" if lacks else "were texts"
        changes[f"{kind} ids {why}, numbered from 1"] += 1
        return [place if key is not None or may_lack else None for place, key in enumerate(keys, 1)]
    lowest = min(whole, default=1)
    shift = 1 - lowest if lowest < 1 else 0
    if shift:
        changes[f"{kind} ids started at {lowest}, moved up by {shift}"] += 1
    return [key + shift if isinstance(key, int) else None for key in keys]
