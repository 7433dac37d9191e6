"""How fast an epoch goes, and what it waits for."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from torch.utils.data import DataLoader
from tqdm import tqdm


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


def as_duration(seconds: float) -> str:
    """Write a time as hours, minutes and seconds."""
    return tqdm.format_interval(seconds)
