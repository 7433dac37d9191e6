"""Films as networks take them, decoded once and kept on disk.

An entry is one file: the pixels, then their checksum. Its name is a hash of all that the pixels
depend on, so that an entry is right or is not there; whoever needs it then makes it. Trainings of
all kinds, the processes that load for them and those of several GPUs read the same entries through
the system's file cache, and none holds more than it is looking at.
"""

import contextlib
import errno
import hashlib
import logging
import mmap
import os
import sys
import tempfile
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from math import prod
from pathlib import Path

import cv2
import numpy as np
import pydicom

import formats
from formats.coco_films import read_listed_film
from formats.coco_records import CocoImage
from formats.errors import InputError
from formats.film_reading.paths import film_path
from formats.progress import with_progress

logger = logging.getLogger(__name__)
FOLDER_VARIABLE = "MAMMO_CACHE_DIR"
ENTRY_ENDING = ".film"
# Of a write that has not ended, by a process that lives or was killed.
PARTIAL_ENDING = ".partial"
PARTIAL_LIFETIME_SECONDS = 3600
CHECKSUM_BYTES = 4
GIB = 2**30
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedFilm:
    """A film that a data set lists, and what becomes of it before a network sees it."""

    image: CocoImage
    image_root: Path
    prepare: "partial[np.ndarray]"
    """From (H, W) grey levels to uint8 pixels: a function of a module, whose other arguments are
    values that `repr` writes in full, as they name the entry."""
    shape: tuple[int, ...]
    """Of the pixels."""


class FilmCache:
    """A folder of entries that several processes may use at once."""

    def __init__(self, folder: Path, most_bytes: float) -> None:
        """Take the folder, which is made when there is something to keep.

        Args:
            folder: of this project's entries and nothing else.
            most_bytes: beyond which the entries that were used longest ago are removed, those
                used since this cache was opened excepted.
        """
        self._folder = folder
        self._most_bytes = most_bytes
        self._opened = time.time()

    def keep(self, film: PreparedFilm) -> str:
        """Make a film's entry unless it is there, and return the entry's name.

        Raises:
            InputError: the film cannot be read or is not of the listed size, or the folder cannot
                be written to.
        """
        name = _entry_name(film)
        try:
            entry_bytes = (self._folder / name).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            entry_bytes = 0
        if entry_bytes == prod(film.shape) + CHECKSUM_BYTES:
            self._note_use(name)
        else:
            self._make(name, film)
        return name

    def read(self, name: str, film: PreparedFilm) -> np.ndarray:
        """Return an entry's pixels, read-only and mapped; one that is gone or damaged is made anew.

        Raises:
            InputError: as `keep`, of an entry that has to be made.
        """
        pixels = self._mapped(name, film.shape)
        if pixels is None:
            return self._make(name, film)
        self._note_use(name)
        return pixels

    def remove_oldest(self) -> None:
        """Bring the folder back to its size, as far as nothing is removed that is in use."""
        for used, _, path in self._by_use(PARTIAL_ENDING):
            if used < self._opened - PARTIAL_LIFETIME_SECONDS:
                _remove(path)
        entries = self._by_use(ENTRY_ENDING)
        total = sum(size for _, size, _ in entries)
        for used, size, path in entries:
            if total <= self._most_bytes or used >= self._opened:
                break
            _remove(path)
            total -= size
        if total > self._most_bytes:
            logger.warning(
                "%s: holds %.1f GiB that are in use, more than optimisation.cache_gib allows",
                self._folder,
                total / GIB,
            )

    def _by_use(self, ending: str) -> list[tuple[float, int, str]]:
        """Return when each file of an ending was used, its bytes and path, the oldest first."""
        files = []
        for file in os.scandir(self._folder):
            # Others may remove it meanwhile.
            with contextlib.suppress(FileNotFoundError):
                if file.name.endswith(ending):
                    status = file.stat()
                    files.append((status.st_mtime, status.st_size, file.path))
        return sorted(files)

    def _mapped(self, name: str, shape: tuple[int, ...]) -> np.ndarray | None:
        try:
            with (self._folder / name).open("rb") as stream:
                content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except (FileNotFoundError, PermissionError, ValueError):
            # Gone, somebody else's, or empty, which cannot be mapped.
            return None
        if len(content) != prod(shape) + CHECKSUM_BYTES:
            return None
        pixels = np.frombuffer(content, dtype=np.uint8, count=prod(shape))
        if zlib.crc32(pixels.data) != int.from_bytes(content[-CHECKSUM_BYTES:], "little"):
            return None
        return pixels.reshape(shape)

    def _make(self, name: str, film: PreparedFilm) -> np.ndarray:
        pixels = film.prepare(read_listed_film(film.image, film.image_root))
        try:
            self._write(name, np.ascontiguousarray(pixels))
        except OSError as error:
            way_out = "free some space, or " if error.errno in FULL else ""
            raise InputError(
                f"{self._folder}: decoded films cannot be kept here ({error.strerror}); {way_out}"
                "name another folder with --cache-dir"
            ) from error
        return pixels

    def _write(self, name: str, pixels: np.ndarray) -> None:
        """Write beside the entry under a name of its own, then take its place, as others may."""
        # Films are of patients: nobody else's to read.
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, partial_path = tempfile.mkstemp(PARTIAL_ENDING, dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(pixels.data)
                stream.write(zlib.crc32(pixels.data).to_bytes(CHECKSUM_BYTES, "little"))
            Path(partial_path).replace(self._folder / name)
        except BaseException:
            Path(partial_path).unlink(missing_ok=True)
            raise

    def _note_use(self, name: str) -> None:
        # It may be gone meanwhile, or somebody else's.
        with contextlib.suppress(OSError):
            os.utime(self._folder / name)


def _remove(path: str) -> None:
    # Somebody else's is theirs to remove.
    with contextlib.suppress(PermissionError):
        Path(path).unlink(missing_ok=True)


class PreparedFilms:
    """The films of a data set, each prepared when it is first needed and read from disk after."""

    def __init__(self, films: Sequence[PreparedFilm], film_cache: FilmCache, title: str) -> None:
        """Make what is not there yet, and show how far that is.

        Raises:
            InputError: a film cannot be read or is not of the listed size, or the cache's folder
                cannot be written to.
        """
        self._films = films
        self._cache = film_cache
        # An array, so that processes that load share it: they copy what they count references of.
        self._names = np.array([film_cache.keep(film) for film in with_progress(films, title)])
        if len(films):
            film_cache.remove_oldest()

    def __len__(self) -> int:
        """Return the number of films."""
        return len(self._films)

    def __getitem__(self, index: int) -> np.ndarray:
        """Return a film's pixels, read-only."""
        return self._cache.read(str(self._names[index]), self._films[index])


def open_film_cache(folder: str, most_gib: float) -> FilmCache:
    """Open the cache in a folder, or where none is named in the user's own for such things."""
    named = folder or os.environ.get(FOLDER_VARIABLE) or Path.home() / ".cache" / "mammo"
    return FilmCache(Path(named), most_gib * GIB)


def _entry_name(film: PreparedFilm) -> str:
    path = film_path(film.image_root, film.image["file_name"])
    try:
        status = path.stat()
        size, changed = status.st_size, status.st_mtime_ns
    except OSError:
        # Reading it will say why.
        size, changed = 0, 0
    prepare = film.prepare
    described = repr(
        (
            *(str(path.absolute()), size, changed),
            # A film of another size is refused when it is read, which an entry would not be.
            *(film.image["height"], film.image["width"], film.shape),
            *(prepare.func.__qualname__, prepare.args, prepare.keywords),
            _code(prepare.func.__module__),
        )
    )
    return hashlib.sha256(described.encode(errors="surrogateescape")).hexdigest() + ENTRY_ENDING


@cache
def _code(module_name: str) -> str:
    """Return a hash of the code that prepares films: what it makes may change with it."""
    paths = sorted(Path(str(formats.__file__)).parent.rglob("*.py"))
    paths.append(Path(str(sys.modules[module_name].__file__)))
    sources = b"".join(path.read_bytes() for path in paths)
    versions = f"{cv2.__version__} {np.__version__} {pydicom.__version__}"
    return hashlib.sha256(versions.encode() + sources).hexdigest()
