"""How the C library hands out memory, where that is glibc; with others nothing is changed."""

import ctypes

# Of glibc's malloc.h.
M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
M_ARENA_MAX = -8
# More than a step's maps have; and, where that is refused, the most that older glibcs take.
FROM_THE_HEAP_BYTES = (2**30, 2**25)
# The largest that is taken: more than a step frees.
KEPT_BYTES = 2**31 - 1


def keep_freed_memory() -> None:
    """Let the process keep what it frees, instead of giving it back to the system.

    Otherwise the system takes a training step's large maps back and hands out pages for the next
    one's that it has to fill with zeros first.
    """
    for size_bytes in FROM_THE_HEAP_BYTES:
        if _set(M_MMAP_THRESHOLD, size_bytes):
            break
    _set(M_TRIM_THRESHOLD, KEPT_BYTES)


def share_one_heap() -> None:
    """Let threads take their memory from the main thread's heap; call it before they begin.

    Otherwise each has a heap of its own, and what one frees the others cannot use.
    """
    _set(M_ARENA_MAX, 1)


def _set(option: int, value: int) -> bool:
    """Return whether the C library knows the option and takes the value."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    return set_option is not None and bool(set_option(option, value))
