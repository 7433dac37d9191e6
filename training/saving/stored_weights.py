"""How a file holds weights: as they are, in 16 bits, or in 8 with a scale an output channel."""

from enum import StrEnum

import torch

from formats.errors import InputError

State = dict[str, torch.Tensor]
SCALE_ENDING = ".int8_scale"
HIGHEST_INT8 = 127


class StoredDtype(StrEnum):
    """How a file holds the weights; a loaded checkpoint has them as float32.

    Weights of one dimension, of no size to speak of, stay as they are: the statistics of
    normalisation are among them, and their range is wider.
    """

    float32 = "float32"
    float16 = "float16"
    """Half the size."""
    int8 = "int8"
    """A quarter: steps of a 127th of the largest weight of each output channel."""


def as_stored(state: State, dtype: StoredDtype) -> State:
    """Return the tensors that a file of the given kind holds.

    Raises:
        InputError: a weight cannot be stored so.
    """
    tensors = {name: tensor.contiguous().cpu() for name, tensor in state.items()}
    if dtype == StoredDtype.float32:
        return tensors
    stored: State = {}
    for name, tensor in tensors.items():
        if tensor.ndim < 2 or tensor.numel() == 0 or not tensor.is_floating_point():
            stored[name] = _finite(name, tensor, dtype)
        elif dtype == StoredDtype.float16:
            stored[name] = _finite(name, tensor.half(), dtype)
        else:
            stored[name], stored[name + SCALE_ENDING] = _as_int8(_finite(name, tensor, dtype))
    return stored


def as_loaded(stored: State) -> State:
    """Return the tensors that a file's are used as."""
    loaded: State = {}
    for name, tensor in stored.items():
        if tensor.dtype == torch.float16:
            loaded[name] = tensor.float()
        elif tensor.dtype == torch.int8 and name + SCALE_ENDING in stored:
            loaded[name] = tensor * _each_channel(stored[name + SCALE_ENDING], tensor)
        elif not _is_scale(name, stored):
            loaded[name] = tensor
    return loaded


def _is_scale(name: str, stored: State) -> bool:
    scaled = stored.get(name.removesuffix(SCALE_ENDING))
    return name.endswith(SCALE_ENDING) and scaled is not None and scaled.dtype == torch.int8


def _finite(name: str, tensor: torch.Tensor, dtype: StoredDtype) -> torch.Tensor:
    if not torch.isfinite(tensor).all():
        raise InputError(f"tensor '{name}' is beyond {dtype}'s range; store it as float32")
    return tensor


def _as_int8(tensor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a weight as (C, ...) int8 and (C,) float32 scales."""
    scale = tensor.float().abs().flatten(1).amax(1) / HIGHEST_INT8
    # Of 16 binary digits, so that 127 times it is exact: what was loaded is stored as the same
    # again, and keeps its hash.
    scale = (scale.view(torch.int32) & ~0xFF).view(torch.float32)
    steps = tensor / _each_channel(scale, tensor).clamp(min=torch.finfo(torch.float32).tiny)
    return steps.round().clamp(-HIGHEST_INT8, HIGHEST_INT8).to(torch.int8), scale


def _each_channel(scale: torch.Tensor, tensor: torch.Tensor) -> torch.Tensor:
    return scale.reshape(-1, *[1] * (tensor.ndim - 1))
