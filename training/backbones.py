"""torchvision's image classifiers as starting points, with weights from one of three places."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from urllib.error import URLError

import torchvision
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from converters.errors import InputError

LEAKY_RELU_SLOPE = 0.1
FROM_SCRATCH = "none"
FROM_TORCHVISION = "torchvision"


class Activation(StrEnum):
    """The backbone's non-linearity; it must be the one its weights were trained with."""

    own = "own"
    """What torchvision's definition has."""
    leaky_relu = "leaky_relu"
    """A leaky ReLU in place of every ReLU."""


class BatchNorm(StrEnum):
    """What the backbone's batch normalisation does while training."""

    fixed = "fixed"
    """Keeps the statistics of the pre-trained weights and learns scale and shift only."""
    learned = "learned"
    """Follows the batches: for weights from scratch."""
    unfolded = "unfolded"
    """Takes its statistics from the training data first, without changing what the network
    computes, and then follows the batches: for weights whose own were folded away."""


def build_backbone(name: str, weights: str, activation: Activation) -> nn.Module:
    """Build torchvision's image classifier `name`.

    Args:
        name: torchvision's own name, as in `torchvision.models.list_models()`.
        weights: `none`, `torchvision` (downloads its ImageNet weights), or a safetensors file
            with torchvision's parameter names; layers that the file lacks stay random.
        activation: must be what the weights were trained with.

    Raises:
        InputError: the weights cannot be downloaded, or the file is missing or does not fit.
    """
    constructor: Callable[..., nn.Module] = getattr(torchvision.models, name)
    if weights == FROM_TORCHVISION:
        try:
            model = constructor(weights="DEFAULT")
        except URLError as error:
            raise InputError(
                f"model.weights=torchvision: the weights of {name} cannot be downloaded "
                f"({error.reason}); connect, or give model.weights=none or a safetensors file"
            ) from error
    else:
        model = constructor(weights=None)
    if activation == Activation.leaky_relu:
        _replace_relu(model)
    if weights not in (FROM_SCRATCH, FROM_TORCHVISION):
        load_backbone_file(model, Path(weights))
    return model


def load_backbone_file(model: nn.Module, path: Path) -> None:
    """Fill a backbone from a safetensors file; layers that the file lacks stay as they are.

    Raises:
        InputError: the file is missing, no safetensors, or belongs to another network.
    """
    try:
        state = load_file(path)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such weights file; check model.weights") from error
    except (OSError, SafetensorError) as error:
        raise InputError(f"{path}: not a safetensors file ({error}); check it") from error
    own = model.state_dict()
    unknown = [name for name in state if name not in own or own[name].shape != state[name].shape]
    if unknown or not state:
        raise InputError(
            f"{path}: {len(unknown)} of {len(state)} tensors do not fit this backbone "
            f"(such as '{next(iter(unknown), '')}'); give weights of the same network"
        )
    model.load_state_dict(state, strict=False)


def fix_statistics(backbone: nn.Module) -> None:
    """Let batch normalisation use its stored statistics until the next call of `train()`."""
    for module in backbone.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def _replace_relu(model: nn.Module) -> None:
    for name, child in model.named_children():
        if isinstance(child, nn.ReLU):
            setattr(model, name, nn.LeakyReLU(LEAKY_RELU_SLOPE, inplace=True))
        else:
            _replace_relu(child)
