"""Parts of a long run: who takes which films, and what a part says of itself."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from formats.errors import InputError

Item = TypeVar("Item")
SHARD = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")
PART_NAME = re.compile(r"(?P<whole>.+)\.part[0-9]+of[0-9]+", re.DOTALL)


@dataclass(frozen=True)
class Shard:
    """One of `count` parts of a run, numbered from 1."""

    number: int
    count: int

    def of(self, items: Sequence[Item]) -> list[Item]:
        """Return this part's items: neighbours, so that parts one after the other are the whole."""
        start, end = (len(items) * place // self.count for place in (self.number - 1, self.number))
        return list(items[start:end])

    def beside(self, output: Path) -> Path:
        """Return this part's file where the whole's is `output`."""
        return output.with_name(f"{output.stem}.part{self.number}of{self.count}{output.suffix}")


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a part's results file says of itself."""

    number: int
    count: int
    films_sha256: str
    """Of the names of all films, those of other parts too: parts of one run have the same."""
    run_sha256: str | None = None
    """Of the run's models and options; None in files from before it."""


def shard_of(words: str) -> Shard:
    """Read `i/n`, the i-th of n parts.

    Raises:
        ValueError: there is no such part.
    """
    match = SHARD.fullmatch(words)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise ValueError(f"'{words}' is no part; write i/n, from 1/n to n/n")
    return Shard(int(match[1]), int(match[2]))


def part_of(shard: Shard, file_names: Sequence[str], run: Mapping[str, Any]) -> Part:
    """Return what a part says of itself.

    Args:
        shard: which part it is.
        file_names: of all films of the run.
        run: all that the run's results depend on beside the films, as JSON has it.
    """
    run_json = json.dumps(run, sort_keys=True)
    return Part(
        number=shard.number,
        count=shard.count,
        films_sha256=films_sha256(file_names),
        run_sha256=hashlib.sha256(run_json.encode()).hexdigest(),
    )


def films_sha256(file_names: Sequence[str]) -> str:
    """Return what tells one list of films from another."""
    digest = hashlib.sha256()
    for name in file_names:
        digest.update(name.encode(errors="surrogateescape") + b"\0")
    return digest.hexdigest()


def whole_path(part_path: Path) -> Path | None:
    """Return where the whole's file goes by the name of a part's; None where that does not say."""
    match = PART_NAME.fullmatch(part_path.stem)
    return part_path.with_name(match["whole"] + part_path.suffix) if match else None


def parse_part(where: str, raw: Any) -> Part:
    """Check what a results file says of its part.

    Raises:
        InputError: it is no part.
    """
    try:
        part = Part(
            number=raw["number"],
            count=raw["count"],
            films_sha256=str(raw["films_sha256"]),
            run_sha256=raw.get("run_sha256"),
        )
        shard_of(f"{part.number}/{part.count}")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{where} is {raw!r}, no part of a run; see docs/formats.md") from error
    return part
