"""Depthwise convolutions that stay in single precision where the rest learns in bfloat16.

On processors their backward pass in bfloat16 is up to ten times slower than in single precision
(torch 2.15): half of an EfficientNet's step and more.
"""

import torch
from torch import Tensor, nn

from training.networks.halving import HalvingConvolution


class SinglePrecision(nn.Module):
    """A module that a processor computes in single precision, autocast or not."""

    def forward(self, x: Tensor) -> Tensor:
        """Return what the module gives, as float32 on a processor under autocast."""
        if not (x.is_cpu and torch.is_autocast_enabled("cpu")):
            return super().forward(x)
        with torch.autocast("cpu", enabled=False):
            return super().forward(x.float())


class DepthwiseConvolution(SinglePrecision, nn.Conv2d):
    """torch's, in single precision on processors."""


class DepthwiseHalving(SinglePrecision, HalvingConvolution):
    """The one that makes maps half as large, in single precision on processors."""


IN_SINGLE_PRECISION: dict[type[nn.Conv2d], type[nn.Conv2d]] = {
    nn.Conv2d: DepthwiseConvolution,
    HalvingConvolution: DepthwiseHalving,
}


def keep_depthwise_precision(network: nn.Module) -> None:
    """Let a network's depthwise convolutions stay in single precision on processors."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and module.groups == module.in_channels > 1:
            # The same parameters and settings: only what is done with them differs.
            module.__class__ = IN_SINGLE_PRECISION.get(type(module), type(module))
