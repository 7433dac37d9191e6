"""Making up for classes of unequal size, in training only."""

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

Item = TypeVar("Item")


def inverse_frequency_weights(class_indices: Sequence[int], class_count: int) -> Tensor:
    """Return (class_count,) weights, the inverse of each class's frequency, with mean 1."""
    counts = Counter(class_indices)
    present = [max(1, counts[index]) for index in range(class_count)]
    inverse = 1 / torch.tensor(present, dtype=torch.float32)
    return inverse / inverse.mean()


def thin(items: Sequence[Item], keep_one_in: int, seed: int) -> list[Item]:
    """Keep one item in so many, chosen at random, in the order they have; never none of some."""
    kept_count = -(-len(items) // keep_one_in)
    chosen = np.random.default_rng(seed).permutation(len(items))[:kept_count]
    return [items[index] for index in sorted(chosen)]
