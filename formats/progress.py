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
    items: Sequence[Item], description: str, *, films_per_item: int = 1
) -> Iterator[Item]:
    """Yield the items, and show on standard error how many are done and the time left.

    Args:
        items: films, or batches of them.
        description: goes before the numbers.
        films_per_item: more than 1 for batches.
    """
    if sys.stderr.isatty():
        # To tqdm, 1 means thousands as "k".
        scale = films_per_item if films_per_item > 1 else False
        yield from tqdm(items, desc=description, unit="film", unit_scale=scale)
        return
    begin = last_line = time.monotonic()
    for done, item in enumerate(items):
        now = time.monotonic()
        if done and now - last_line >= SECONDS_BETWEEN_LINES:
            last_line = now
            line = tqdm.format_meter(
                done * films_per_item,
                len(items) * films_per_item,
                now - begin,
                prefix=description,
                unit="film",
                bar_format=LINE,
            )
            logger.info(line)
        yield item
