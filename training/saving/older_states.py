"""Training states of earlier versions: a folder of Accelerate's files, read without its unpickling.

Accelerate itself reads some of them by `pickle`, which runs whatever a file tells it to; here they
are read as tensors and plain values only.
"""

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from formats.errors import InputError
from training.saving.stored_weights import State

MODEL = "model.safetensors"
OPTIMIZER = "optimizer.bin"
AVERAGED, PROGRESS, SCHEDULE = (f"custom_checkpoint_{number}.pkl" for number in range(3))
SCALER = "scaler.pt"
RANDOM = "random_states_{process}.pkl"
# How a file that was cut short, or holds anything else, fails to be read.
UNREADABLE = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    OSError,
    RuntimeError,
    SafetensorError,
    TypeError,
    UnpicklingError,
    ValueError,
)
# What the numpy part of the random states is made of; it is read and left aside.
PLAIN_ARRAYS: list[Any] = [
    np.ndarray,
    np.dtype,
    np.dtypes.UInt32DType,
    np._core.multiarray._reconstruct,  # type: ignore[attr-defined]
]


def is_older_state(folder: Path) -> bool:
    """Tell whether a folder holds such a state."""
    return (folder / MODEL).exists()


def read_older_state(folder: Path) -> dict[str, Any]:
    """Return the fields of a `SavedTraining`.

    Raises:
        InputError: a file is missing, cut short, or holds more than tensors and plain values.
    """
    try:
        optimizer = _load(folder / OPTIMIZER)
        scaler = folder / SCALER
        return {
            "values": {
                "progress": _load(folder / PROGRESS),
                "schedule": _load(folder / SCHEDULE),
                "groups": optimizer["param_groups"],
                **({"scaler": _load(scaler)} if scaler.exists() else {}),
            },
            "model": _without_wrapper(load_file(folder / MODEL)),
            "averaged": _load(folder / AVERAGED),
            "optimizer": {
                f"{number}.{name}": tensor
                for number, values in optimizer["state"].items()
                for name, tensor in values.items()
            },
            "random": _random_states(folder),
        }
    except UNREADABLE as error:
        first_line = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{folder}: damaged, or of another version ({first_line})") from error


def _random_states(folder: Path) -> State:
    states: State = {}
    for process in range(len(list(folder.glob(RANDOM.format(process="*"))))):
        with torch.serialization.safe_globals(PLAIN_ARRAYS):
            saved = _load(folder / RANDOM.format(process=process))
        states[f"{process}.cpu"] = saved["torch_manual_seed"]
        if "torch_cuda_manual_seed" in saved:
            states[f"{process}.cuda"] = saved["torch_cuda_manual_seed"][0]
    return states


def _load(path: Path) -> Any:
    return torch.load(path, map_location="cpu", weights_only=True)


def _without_wrapper(state: State) -> State:
    """Name tensors as the network does, also where several processes trained it."""
    return {name.removeprefix("module."): tensor for name, tensor in state.items()}
