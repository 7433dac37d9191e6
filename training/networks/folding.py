"""Batch normalisation as part of the convolution before it, for networks that learn no more.

With fixed statistics it is a scale and a shift a channel, which the convolution's weights can hold:
the network computes the same, to rounding, and passes over its maps once less.
"""

from collections import Counter
from copy import deepcopy
from typing import Any

import torch
from timm.layers.conv2d_same import Conv2dSame
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from training.networks.depthwise import IN_SINGLE_PRECISION
from training.networks.halving import HalvingConvolution

# What folding may change, against the largest number that comes out: rounding.
LARGEST_CHANGE = 1e-4
# Others, such as those that standardise their weights, would change what is folded in.
CONVOLUTIONS = (Conv2dSame, *IN_SINGLE_PRECISION, *IN_SINGLE_PRECISION.values())


@torch.no_grad()
def folded(network: nn.Module, example_shape: tuple[int, int, int, int]) -> nn.Module:
    """Return a copy of a network whose convolutions do what follows them.

    One that would compute anything else is given up, and the network itself is returned.

    Args:
        network: in evaluation mode, from images to a tensor or to tensors by name.
        example_shape: (B, 3, H, W) of images that it takes; where it halves maps of even sides,
            those of others have to be even too.
    """
    example = torch.rand(example_shape, generator=torch.Generator().manual_seed(0))
    copied = deepcopy(network)
    halving = _halving(copied, example)
    for convolution, norm in _pairs(copied, example).items():
        fused = fuse_conv_bn_eval(convolution, norm)
        convolution.weight, convolution.bias = fused.weight, fused.bias
        _replace(copied, norm, _activation(norm))
    for convolution in halving:
        _replace(copied, convolution, convolution.plain())
    before, after = _outputs(network, example), _outputs(copied, example)
    return copied if all(map(_is_same, before, after)) else network


def _outputs(network: nn.Module, images: Tensor) -> list[Tensor]:
    output = network(images)
    return [output] if isinstance(output, Tensor) else list(output.values())


def _is_same(before: Tensor, after: Tensor) -> bool:
    if after.shape != before.shape:
        return False
    return bool((after - before).abs().max() <= LARGEST_CHANGE * before.abs().max())


def _pairs(network: nn.Module, example: Tensor) -> dict[nn.Conv2d, nn.BatchNorm2d]:
    """Return each convolution whose output goes through a normalisation, and which that is.

    Those that are called more than once are left out: what follows may not be the same each time.
    """
    made_by: dict[int, tuple[nn.Conv2d, Tensor]] = {}
    pairs: dict[nn.Conv2d, nn.BatchNorm2d] = {}
    calls: Counter[nn.Module] = Counter()

    def note_output(module: nn.Conv2d, inputs: Any, output: Tensor) -> None:
        # The tensor itself is kept: the number of one that is gone is given to another.
        made_by[id(output)] = module, output
        calls[module] += 1

    def note_input(module: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
        calls[module] += 1
        if id(inputs[0]) in made_by:
            pairs[made_by[id(inputs[0])][0]] = module

    hooks = [m.register_forward_hook(note_output) for m in network.modules() if _is_conv(m)]
    hooks += [m.register_forward_pre_hook(note_input) for m in network.modules() if _is_norm(m)]
    network(example)
    for hook in hooks:
        hook.remove()
    return {conv: norm for conv, norm in pairs.items() if calls[conv] == calls[norm] == 1}


def _halving(network: nn.Module, example: Tensor) -> list[HalvingConvolution]:
    """Return what halves maps of even sides: an ONNX graph has no kernel that is padded first."""
    found = []

    def note_input(module: HalvingConvolution, inputs: tuple[Tensor]) -> None:
        if not any(side % 2 for side in inputs[0].shape[2:]):
            found.append(module)

    hooks = [
        module.register_forward_pre_hook(note_input)
        for module in network.modules()
        if isinstance(module, HalvingConvolution)
    ]
    network(example)
    for hook in hooks:
        hook.remove()
    return found


def _is_conv(module: nn.Module) -> bool:
    return type(module) in CONVOLUTIONS


def _is_norm(module: nn.Module) -> bool:
    return isinstance(module, nn.BatchNorm2d)


def _activation(norm: nn.BatchNorm2d) -> nn.Module:
    """Return what timm's normalisations do besides, and torch's own do not."""
    return nn.Sequential(getattr(norm, "drop", nn.Identity()), getattr(norm, "act", nn.Identity()))


def _replace(network: nn.Module, old: nn.Module, new: nn.Module) -> None:
    for module in network.modules():
        for name, child in module.named_children():
            if child is old:
                setattr(module, name, new)
