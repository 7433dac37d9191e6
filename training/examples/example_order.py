"""Which training examples are drawn when, and by which random numbers each is augmented.

All of it follows from the seed and the epoch alone: neither the number of loading processes nor
an interruption changes what is learnt from.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch.utils.data import Dataset, Sampler

HIGHEST_SEED = 2**62


class Draw(NamedTuple):
    """One example, taken once."""

    example: int
    """Its number in the data set."""
    seed: int
    """Of its augmentation."""


class ExampleOrder(Sampler[Draw]):
    """Every example once an epoch, in an order of the epoch's own."""

    def __init__(self, example_count: int, seed: int) -> None:
        """Begin with the first epoch."""
        self._example_count = example_count
        self._seed = seed
        self.begin_epoch(0)

    def begin_epoch(self, epoch: int, skip: int = 0) -> None:
        """Set what is drawn next: an epoch's examples, without as many of its first ones."""
        numbers = torch.Generator().manual_seed(self._seed + epoch)
        indices = torch.randperm(self._example_count, generator=numbers)
        seeds = torch.randint(HIGHEST_SEED, (self._example_count,), generator=numbers)
        self._draws = list(map(Draw, indices.tolist(), seeds.tolist()))
        self._skip = skip

    def __iter__(self) -> Iterator[Draw]:
        """Draw the rest of the epoch."""
        yield from self._draws[self._skip :]

    def __len__(self) -> int:
        """Return the number of examples of a whole epoch."""
        return self._example_count

    def indices(self, start: int, stop: int) -> list[int]:
        """Return which examples are drawn from one position of the epoch to another."""
        return [draw.example for draw in self._draws[start:stop]]


class DrawnExamples(Dataset[Any]):
    """A data set whose items are augmented by the numbers that were drawn for them."""

    def __init__(self, examples: Sequence[Any] | Dataset[Any]) -> None:
        """Take the examples; they use torch's random numbers and no others."""
        self._examples = examples

    def __getitem__(self, draw: Draw) -> Any:
        """Return one example; the process' own random numbers stay where they are."""
        before = torch.get_rng_state()
        torch.default_generator.manual_seed(draw.seed)
        try:
            return self._examples[draw.example]
        finally:
            torch.set_rng_state(before)
