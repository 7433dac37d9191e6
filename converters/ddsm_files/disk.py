"""The files of a data set on disk, and how a table's names find them."""

import os
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from converters.ddsm_files.tables import name_key
from converters.records import FindingKind
from formats.errors import InputError
from formats.film_reading.reader import IMAGE_SUFFIXES


class Match(NamedTuple):
    """A file on disk, and what had to be overlooked for it to match."""

    file_name: str
    overlooked: FindingKind | None


class DiskIndex:
    """Every file below a root, by its path relative to it, with forward slashes.

    A folder that is reached in several ways, as by links, is listed once: by its own place where
    that is below the root, else by the first of its links.
    """

    def __init__(self, root: Path, skipped_dir: Path | None = None) -> None:
        """List the files.

        Args:
            root: The data set's folder.
            skipped_dir: A folder below it that is not part of the data set.

        Raises:
            InputError: the root is no folder or cannot be listed.
        """
        if not root.is_dir():
            raise InputError(f"{root}: no such folder; give the one that holds Benign and Cancer")
        self.root = root
        listing = _Listing(root.resolve(), skipped_dir)
        if "" in listing.unlisted:
            raise InputError(f"{root}: cannot be listed ({listing.unlisted['']}); check its rights")
        self.sizes_bytes = dict(sorted(listing.sizes_bytes.items()))
        self.unlisted = dict(sorted(listing.unlisted.items()))
        """Folders and links below the root that cannot be followed, and why."""

    def path(self, file_name: str) -> Path:
        """Return a listed file's path."""
        return self.root / file_name

    def find(self, wanted: str) -> Match | None:
        """Find an image or mask: exactly, else ignoring case, then the ending, then the folder."""
        if wanted in self.sizes_bytes:
            return Match(wanted, None)
        attempts = (
            (self._by_path, wanted.casefold(), FindingKind.NAME_MATCHED_IGNORING_CASE),
            (self._by_stem, _stem(wanted), FindingKind.NAME_MATCHED_IGNORING_ENDING),
            (self._by_name, name_key(wanted), FindingKind.FOUND_IN_OTHER_FOLDER),
        )
        for files, key, overlooked in attempts:
            if key in files:
                return Match(files[key], overlooked)
        return None

    def find_beside(self, file_name: str, suffix: str) -> str | None:
        """Find the file of the same folder and stem with another ending, ignoring case."""
        return self._by_path.get((file_name.rpartition(".")[0] + suffix).casefold())

    @cached_property
    def _by_path(self) -> dict[str, str]:
        return _first_by(str.casefold, self.sizes_bytes)

    @cached_property
    def _by_stem(self) -> dict[str, str]:
        return _first_by(_stem, filter(is_image, self.sizes_bytes))

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return _first_by(name_key, filter(is_image, self.sizes_bytes))


def is_image(file_name: str) -> bool:
    """Say whether the ending is an image's."""
    return os.path.splitext(file_name)[1].lower() in IMAGE_SUFFIXES  # noqa: PTH122


class _Listing:
    """The files below a folder; grows while it is walked through."""

    def __init__(self, root: Path, skipped_dir: Path | None) -> None:
        self.sizes_bytes: dict[str, int] = {}
        self.unlisted: dict[str, str] = {}
        self._seen: set[tuple[int, int]] = set()
        self._links: list[tuple[str, str]] = []
        if skipped_dir is not None and skipped_dir.is_dir():
            self._is_new(str(skipped_dir))
        self._walk(str(root), "")
        # Links last, so that what is below the root itself is listed by its own place.
        while self._links:
            self._links.sort(reverse=True)
            name, path = self._links.pop()
            self._walk(path, name)

    def _walk(self, folder: str, name: str) -> None:
        try:
            if not self._is_new(folder):
                return
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._add(entry, f"{name}/{entry.name}" if name else entry.name)
        except OSError as error:
            self.unlisted[name] = str(error.strerror)

    def _add(self, entry: os.DirEntry[str], name: str) -> None:
        try:
            if entry.is_file():
                self.sizes_bytes[name] = entry.stat().st_size
            elif not entry.is_dir():
                return
            elif entry.is_symlink():
                self._links.append((name, entry.path))
            else:
                self._walk(entry.path, name)
        except OSError as error:
            self.unlisted[name] = str(error.strerror)

    def _is_new(self, folder: str) -> bool:
        """Take note of a folder by what it is, whatever links lead there."""
        status = os.stat(folder)  # noqa: PTH116
        identity = status.st_dev, status.st_ino
        if identity in self._seen:
            return False
        self._seen.add(identity)
        return True


def _first_by(key_of: Callable[[str], str], file_names: Iterable[str]) -> dict[str, str]:
    first: dict[str, str] = {}
    for file_name in file_names:
        first.setdefault(key_of(file_name), file_name)
    return first


def _stem(file_name: str) -> str:
    return file_name.rpartition(".")[0].casefold()
