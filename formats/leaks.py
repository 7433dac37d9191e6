"""What two parts of a data set share.

Patients and films that are learnt in one and judged in the other make figures look better than they
are.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from formats.coco import CocoDataset
from formats.errors import InputError
from formats.film_reading.paths import film_path

SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What another part of a data set has in common with one."""

    split: str
    """The other part's COCO file."""
    patients: list[str]
    files: list[str]
    films: list[tuple[str, str]] | None
    """The one's and the other's file of the same film; None where they were not compared."""

    def __bool__(self) -> bool:
        """Tell whether anything is shared."""
        return bool(self.patients or self.files or self.films)

    def describe(self) -> str:
        """Name what is shared, with its number and some examples."""
        films = [" = ".join(pair) for pair in self.films or ()]
        named = {"patients": self.patients, "file names": self.files, "films": films}
        return ", ".join(
            f"{len(names)} {kind} ({', '.join(names[:SHOWN])}{', ...' * (len(names) > SHOWN)})"
            for kind, names in named.items()
            if names
        )


def shared_by_name(ours: CocoDataset, theirs: CocoDataset, split: str) -> Shared:
    """Return what patients and file names are in both; films are not opened."""

    def common(key: str) -> list[str]:
        names = [
            {str(image[key]) for image in dataset.images if image.get(key)}  # type: ignore[literal-required]
            for dataset in (ours, theirs)
        ]
        return sorted(names[0] & names[1])

    return Shared(split=split, patients=common("case_id"), files=common("file_name"), films=None)


def same_files(ours: CocoDataset, theirs: CocoDataset, image_root: Path) -> list[tuple[str, str]]:
    """Return pairs of differently named files that are the same byte for byte."""
    sizes = [_names_by_size(dataset, image_root) for dataset in (ours, theirs)]
    pairs = []
    for size in sorted(sizes[0].keys() & sizes[1].keys()):
        our_names, their_names = sizes[0][size], sizes[1][size]
        if our_names == their_names and len(our_names) == 1:
            continue
        hashes = {name: _hash(film_path(image_root, name)) for name in our_names | their_names}
        pairs += [
            (one, other)
            for one in our_names
            for other in their_names
            if one != other and hashes[one] == hashes[other]
        ]
    return sorted(pairs)


def refuse_leak(shared: Iterable[Shared], path: Path, allow: bool) -> list[str]:
    """Refuse parts that share anything, unless that is wanted.

    Args:
        shared: with each other part.
        path: of the part that is asked about, for the message.
        allow: let it pass.

    Returns:
        What passed, in words.

    Raises:
        InputError: something is shared.
    """
    leaks = [f"shares {leak.describe()} with {leak.split}" for leak in shared if leak]
    if leaks and not allow:
        raise InputError(
            f"{path}: {'; '.join(leaks)}: figures on what was learnt say nothing; split the data "
            "by patient (`mammo split-coco`), or add --allow-leak"
        )
    return [f"{path}: {leak}, allowed by --allow-leak" for leak in leaks]


def _names_by_size(dataset: CocoDataset, image_root: Path) -> dict[int, set[str]]:
    """Return file names by their number of bytes; reading says which are not there."""
    names: dict[int, set[str]] = defaultdict(set)
    for image in dataset.images:
        path = film_path(image_root, image["file_name"])
        if path.is_file():
            names[path.stat().st_size].add(image["file_name"])
    return names


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
