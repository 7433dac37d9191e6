"""The next films are read while these are looked at."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def computed_ahead(
    items: Iterable[Item], compute: Callable[[Item], Result], at_once: int
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with what is computed of it, in order.

    Items are taken in the caller's own thread: reading a film catches what the process' standard
    error says meanwhile, which must be nobody else's.

    Args:
        items: taken while those before are computed on.
        compute: called in other threads.
        at_once: so many items are computed on.
    """
    taken = iter(items)
    with ThreadPoolExecutor(at_once) as pool:
        begun: deque[tuple[Item, Future[Result]]] = deque()
        try:
            while True:
                try:
                    item = next(taken)
                except BaseException as end:
                    # An interruption too: what has been begun is worth keeping.
                    while begun:
                        yield _finished(begun)
                    if isinstance(end, StopIteration):
                        return
                    raise
                begun.append((item, pool.submit(compute, item)))
                while begun and (len(begun) > at_once or begun[0][1].done()):
                    yield _finished(begun)
        finally:
            for _, future in begun:
                future.cancel()


def _finished(begun: deque[tuple[Item, Future[Result]]]) -> tuple[Item, Result]:
    item, future = begun.popleft()
    return item, future.result()
