"""What the networks run on."""

import torch

from formats.errors import InputError


def choose_device(name: str) -> torch.device:
    """Turn `auto`, `cpu` or `cuda` into a device.

    Raises:
        InputError: a GPU was asked for and there is none.
    """
    require_device(name)
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(name)


def require_device(name: str) -> None:
    """Refuse a GPU where there is none.

    Raises:
        InputError: says what to give.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("--device cuda: this torch sees no GPU; use --device cpu or auto")
