"""Giving batch normalisation its statistics back.

Published weights often have theirs folded into the convolutions: mean 0, variance 1. Trained on
from there, normalisation by the batch would change what the network computes at once, and leaving
it fixed gives up what makes training fast.
"""

from collections.abc import Iterable
from functools import partial
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

# Enough for means and deviations by channel.
MAX_BATCHES = 8


class _Moments:
    """Sums over batches and places of what enters a layer, by channel."""

    def __init__(self) -> None:
        self.count = 0
        self.total: Tensor | float = 0.0
        self.total_of_squares: Tensor | float = 0.0

    def add(self, values: Tensor) -> None:
        """Add a (B, C, H, W) batch."""
        doubled = values.double()
        self.count += values.numel() // values.shape[1]
        self.total = self.total + doubled.sum(dim=(0, 2, 3))
        self.total_of_squares = self.total_of_squares + doubled.square().sum(dim=(0, 2, 3))

    def mean_and_variance(self) -> tuple[Tensor, Tensor]:
        """Return both, (C,)."""
        mean = torch.as_tensor(self.total) / self.count
        variance = torch.as_tensor(self.total_of_squares) / self.count - mean.square()
        return mean, variance.clamp(min=0)


@torch.no_grad()
def unfold_batch_norm(model: nn.Module, batches: Iterable[tuple[Any, Any]]) -> None:
    """Set every batch normalisation's statistics to the data's; in evaluation nothing changes.

    Scale and shift are changed along with the statistics, so that the network computes what it
    did, and training may go on with the statistics of the batches.

    Args:
        model: the network; it is put into evaluation mode.
        batches: what the network takes, and targets that play no part; the first few are used.
    """
    layers = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    moments = [_Moments() for _ in layers]
    hooks = [
        layer.register_forward_pre_hook(partial(_add_input, seen))
        for layer, seen in zip(layers, moments, strict=True)
    ]
    model.eval()
    for inputs, _ in islice(batches, MAX_BATCHES):
        model(inputs)
    for hook in hooks:
        hook.remove()
    for layer, seen in zip(layers, moments, strict=True):
        _set_statistics(layer, *seen.mean_and_variance())


def _add_input(seen: _Moments, layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    seen.add(inputs[0])


def _set_statistics(layer: nn.BatchNorm2d, mean: Tensor, variance: Tensor) -> None:
    old_mean, old_variance = layer.get_buffer("running_mean"), layer.get_buffer("running_var")
    old_deviation = (old_variance.double() + layer.eps).sqrt()
    scale = layer.weight.double() / old_deviation
    layer.bias.add_(scale * (mean - old_mean))
    layer.weight.copy_(scale * (variance + layer.eps).sqrt())
    old_mean.copy_(mean)
    old_variance.copy_(variance)
