"""What a machine runs out of in the middle of a training, told apart and in words."""

import torch

from training.errors import ResourceError

# How torch words what it raises as a plain RuntimeError.
DEAD_WORKER_WORDS = ("DataLoader worker (pid",)
# What comes of waiting for the rest of what a process was sending when it died.
BROKEN_PIPES = (EOFError, ConnectionError)
# What torch puts before an error that loading itself raised.
RAISED_BY_LOADING = "Caught "
OUT_OF_MEMORY_WORDS = ("can't allocate memory", "not enough memory", "Cannot allocate memory")


def resource_error(error: Exception, where: str, way_on: str) -> ResourceError | None:
    """Return what to say of an error that is a lack of resources, or None of any other.

    Args:
        error: what was raised while training.
        where: the epoch and step.
        way_on: how the training is gone on with.
    """
    first_line = (str(error).splitlines() or [type(error).__name__])[0]
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or _has(error, OUT_OF_MEMORY_WORDS):
        return ResourceError(
            f"{where}: out of memory ({first_line}); {way_on} where more is free or with a lower "
            "optimisation.loader_workers; or begin in another folder with a lower "
            "optimisation.batch_size or a smaller input"
        )
    if _has(error, DEAD_WORKER_WORDS) or _is_broken_pipe(error):
        return ResourceError(
            f"{where}: a process that loads images died ({first_line}), mostly for lack of "
            f"memory; {way_on} with a lower optimisation.loader_workers (0 starts none)"
        )
    return None


def _has(error: Exception, words: tuple[str, ...]) -> bool:
    return isinstance(error, RuntimeError | OSError) and any(w in str(error) for w in words)


def _is_broken_pipe(error: Exception) -> bool:
    return isinstance(error, BROKEN_PIPES) and not str(error).startswith(RAISED_BY_LOADING)
