"""The films that people look at: in memory only, for a while, up to a bound."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pydicom import Dataset

from formats.results import ImageResult
from serving.limits import KEPT_SECONDS, MOST_KEPT_BYTES


@dataclass(frozen=True, kw_only=True)
class ReadFilm:
    """A film that was read, and all that was found on it."""

    pixels: np.ndarray
    """(H, W) uint8 or uint16."""
    result: ImageResult
    """With boxes far below any operating point."""
    source: Dataset | None
    """What a DICOM report needs of the film's header, without the person."""


class KeptFilms:
    """Films by a key that cannot be guessed."""

    def __init__(self, seconds_now: Callable[[], float] = time.monotonic) -> None:
        self._seconds_now = seconds_now
        self._films: OrderedDict[str, tuple[ReadFilm, float]] = OrderedDict()

    def keep(self, film: ReadFilm) -> str:
        """Take a film, forget what there is no more room for, and return the film's key."""
        key = secrets.token_urlsafe(16)
        self._films[key] = (film, self._seconds_now())
        while len(self._films) > 1 and self._size_bytes() > MOST_KEPT_BYTES:
            self._films.popitem(last=False)
        return key

    def get(self, key: str) -> ReadFilm | None:
        """Return a film; None if there is no such one, or no longer."""
        self.forget_old()
        if key not in self._films:
            return None
        film, _ = self._films[key]
        self._films[key] = (film, self._seconds_now())
        self._films.move_to_end(key)
        return film

    def forget(self, key: str) -> None:
        """Drop a film, if it is there."""
        self._films.pop(key, None)

    def forget_old(self) -> None:
        """Drop the films that nobody has asked for in a while."""
        oldest_s = self._seconds_now() - KEPT_SECONDS
        for key in [key for key, (_, asked_s) in self._films.items() if asked_s < oldest_s]:
            del self._films[key]

    def __len__(self) -> int:
        return len(self._films)

    def _size_bytes(self) -> int:
        return sum(film.pixels.nbytes for film, _ in self._films.values())
