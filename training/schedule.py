"""Learning-rate schedule and the moving average of weights."""

import math
from collections.abc import Callable

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

FINAL_LEARNING_RATE_FRACTION = 0.01
PLATEAU_FACTOR = 0.1
TensorList = tuple[torch.Tensor, ...] | list[torch.Tensor]


def warmup_cosine(warmup_steps: int, total_steps: int) -> Callable[[int], float]:
    """Return the learning-rate factor by step: a linear rise, then half a cosine down to 1 %."""

    def factor(step: int) -> float:
        if step < warmup_steps:
            return (step + 1) / warmup_steps
        progress = (step - warmup_steps) / max(1, total_steps - warmup_steps)
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
        return FINAL_LEARNING_RATE_FRACTION + (1 - FINAL_LEARNING_RATE_FRACTION) * cosine

    return factor


def warmup_plateau(warmup_steps: int, reductions: Callable[[], int]) -> Callable[[int], float]:
    """Return the learning-rate factor by step: a linear rise, then a tenth for each reduction.

    Args:
        warmup_steps: of the rise.
        reductions: says how often the rate has been reduced so far.
    """

    def factor(step: int) -> float:
        return min(1.0, (step + 1) / max(1, warmup_steps)) * PLATEAU_FACTOR ** reductions()

    return factor


def averaged_copy(model: nn.Module, decay: float) -> AveragedModel:
    """Return an exponential moving average of a model's weights and buffers.

    The decay rises from a tenth to `decay` with the number of updates, (1 + n) / (10 + n), so that
    the average forgets the initial weights also in short trainings.
    """

    @torch.no_grad()
    def update(averaged: TensorList, current: TensorList, updates: torch.Tensor | int) -> None:
        if not torch.is_floating_point(averaged[0]):
            torch._foreach_copy_(averaged, current)
            return
        warm_decay = min(decay, (1 + float(updates)) / (10 + float(updates)))
        torch._foreach_lerp_(averaged, current, 1 - warm_decay)

    return AveragedModel(model, multi_avg_fn=update, use_buffers=True)
