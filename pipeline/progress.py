"""How far a long run is: a bar on a terminal, a line a minute in a log."""

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
logger = logging.getLogger(__name__)
SECONDS_BETWEEN_LINES = 60.0
LINE = "{desc}: {n_fmt} of {total_fmt} done, {rate_fmt}, {remaining} left"


def with_progress(
    items: Sequence[Item], description: str, *, films_per_item: int = 1, films_before: int = 0
) -> Iterator[Item]:
    """Yield the items, and show on standard error how many are done and the time left.

    Args:
        items: films, or batches of them.
        description: goes before the numbers.
        films_per_item: more than 1 for batches.
        films_before: done by an earlier run; they count as done, and not for the speed.
    """
    total = films_before + len(items) * films_per_item
    if sys.stderr.isatty():
        with tqdm(total=total, initial=films_before, desc=description, unit="film") as bar:
            for item in items:
                yield item
                bar.update(films_per_item)
        return
    begin = last_line = time.monotonic()
    for done, item in enumerate(items):
        now = time.monotonic()
        if done and now - last_line >= SECONDS_BETWEEN_LINES:
            last_line = now
            line = tqdm.format_meter(
                films_before + done * films_per_item,
                total,
                now - begin,
                initial=films_before,
                prefix=description,
                unit="film",
                bar_format=LINE,
            )
            logger.info(line)
        yield item
