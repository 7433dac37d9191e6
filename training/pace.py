"""How fast it goes, and how far it is: a bar on a terminal, a line now and then in a log."""

import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from torch.utils.data import DataLoader
from tqdm import tqdm

Item = TypeVar("Item")
logger = logging.getLogger(__name__)
SECONDS_BETWEEN_LINES = 60.0


@dataclass(kw_only=True)
class EpochTimer:
    """Splits an epoch's time into waiting for data and the rest."""

    seconds_loading: float = 0.0
    images: int = 0
    _start: float = field(default_factory=time.perf_counter)

    def timed(self, loader: DataLoader) -> Iterator[Any]:
        """Yield the loader's batches and count the time that each took to come."""
        batches = iter(loader)
        while True:
            begin = time.perf_counter()
            batch = next(batches, None)
            self.seconds_loading += time.perf_counter() - begin
            if batch is None:
                return
            yield batch

    @property
    def seconds(self) -> float:
        """Time so far."""
        return max(1e-9, time.perf_counter() - self._start)

    @property
    def loading_share(self) -> float:
        """Part of the time so far that was spent waiting for data."""
        return self.seconds_loading / self.seconds

    @property
    def images_per_second(self) -> float:
        """Images learnt from, in this process, for each second so far."""
        return self.images / self.seconds


def show_pace(
    items: Iterable[Item], total: int, title: str, state: Callable[[], str] = lambda: ""
) -> Iterator[Item]:
    """Yield the items, and show on standard error how far it is.

    Args:
        items: steps or films.
        total: how many there are.
        title: goes before the numbers.
        state: what else is worth knowing after the last item.
    """
    if sys.stderr.isatty():
        bar = tqdm(items, total=total, desc=title)
        for item in bar:
            yield item
            bar.set_postfix_str(state(), refresh=False)
        return
    told = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        if time.monotonic() - told >= SECONDS_BETWEEN_LINES:
            told = time.monotonic()
            logger.info(", ".join(filter(None, [f"{title}: {done} of {total}", state()])))


def as_duration(seconds: float) -> str:
    """Write a time as hours, minutes and seconds."""
    return tqdm.format_interval(seconds)
