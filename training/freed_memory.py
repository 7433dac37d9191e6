"""Memory that a training frees at every step, and needs again at the next."""

import ctypes

# Of glibc's malloc.h.
M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
# The largest that are taken: more than a step's maps have, and more than it frees.
FROM_THE_HEAP_BYTES = 2**30
KEPT_BYTES = 2**31 - 1


def keep_freed_memory() -> None:
    """Let the process keep what it frees, instead of giving it back to the system.

    Otherwise the system takes large maps back at each step and hands out pages for the next one's
    that it has to fill with zeros first. Where the C library is not glibc, nothing is changed.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(M_MMAP_THRESHOLD, FROM_THE_HEAP_BYTES)
        set_option(M_TRIM_THRESHOLD, KEPT_BYTES)
