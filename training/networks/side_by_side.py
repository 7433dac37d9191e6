"""Network calls side by side, a core each, instead of one call spread over all cores.

Cores that share a call meet at each of its hundreds of layers, and where other programs run all
wait there, again and again, for the one that was put aside. Calls with a core of their own meet
at their end only; and what they give does not depend on the number of cores.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from threading import Lock
from typing import TypeVar

import torch

from training.allocation import keep_freed_memory

Result = TypeVar("Result")
_building = Lock()


def begin(call: Callable[[], Result]) -> Future[Result]:
    """Begin a call as soon as a core is free for it; it must not wait for another one."""
    # Of threads that come first together, one builds the pool and the others wait for it.
    with _building:
        pool = _pool()
    return pool.submit(call)


@cache
def _pool() -> ThreadPoolExecutor:
    """Start as many threads as torch would spread a call over, which has one core in each."""
    keep_freed_memory()
    core_count = torch.get_num_threads()
    pool = ThreadPoolExecutor(core_count, initializer=torch.set_num_threads, initargs=(1,))
    # Threads start when there is work for all of them at once.
    are_started = threading.Barrier(core_count + 1)
    for _ in range(core_count):
        pool.submit(are_started.wait)
    are_started.wait()
    # Of this thread, and of all that are started later.
    torch.set_num_threads(core_count)
    return pool
