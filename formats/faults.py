"""All that is wrong with a file, found in one go and said in one message."""

from collections import defaultdict
from pathlib import Path

from formats.errors import InputFaultsError

MOST_EXAMPLES = 5


class Faults:
    """Grows while a file is read; ends in one error that lists each kind with its first records."""

    def __init__(self, path: Path) -> None:
        """Begin with nothing wrong in a file."""
        self._path = path
        self._examples: dict[str, list[str]] = defaultdict(list)

    def add(self, example: str, advice: str) -> None:
        """Note a fault.

        Args:
            example: the record, its value and what is wrong.
            advice: the next step, the same for all faults of a kind.
        """
        self._examples[advice].append(example)

    def raise_any(self) -> None:
        """End here if anything is wrong.

        Raises:
            InputFaultsError: something is.
        """
        if not self._examples:
            return
        kinds = [_one_kind(advice, examples) for advice, examples in self._examples.items()]
        if len(kinds) == 1:
            raise InputFaultsError(f"{self._path}: {kinds[0]}")
        listed = "".join(f"\n- {kind}" for kind in kinds)
        raise InputFaultsError(f"{self._path}: {len(kinds)} kinds of fault:{listed}")


def _one_kind(advice: str, examples: list[str]) -> str:
    if len(examples) == 1:
        return f"{examples[0]}; {advice}"
    shown = "; ".join(examples[:MOST_EXAMPLES])
    rest = len(examples) - MOST_EXAMPLES
    more = f"; and {rest} more" if rest > 0 else ""
    return f"{len(examples)} times: {shown}{more}; {advice}"
