"""What is special about training one network."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from torch import Tensor, nn
from torch.utils.data import DataLoader

Network = TypeVar("Network", bound=nn.Module)


class Task(ABC, Generic[Network]):
    """A network, its data, and what the loop has to ask about them."""

    model: Network
    train_loader: DataLoader
    example_files: Sequence[str]
    """The file of each training example, by the example's number in the loader's data set."""
    monitored: str
    """The validation figure that chooses the best epoch; higher is better."""
    data_source: dict[str, str]
    """What a checkpoint says of its training data; the same whenever training is resumed."""

    @abstractmethod
    def begin_epoch(self, model: Network, epoch: int) -> None:
        """Put layers into training mode, frozen ones excepted, for an epoch counted from 0."""

    @abstractmethod
    def losses(self, model: nn.Module, batch: Any) -> dict[str, Tensor]:
        """Return named scalar losses of one batch, whose sum is minimised.

        Args:
            model: the network, possibly wrapped for several processes.
            batch: what the loader gives.
        """

    @abstractmethod
    def validate(self, model: Network) -> dict[str, float]:
        """Return the validation figures of a network in evaluation mode."""

    @abstractmethod
    def save(self, model: Network, path: Path, metrics: dict[str, float]) -> None:
        """Write a checkpoint with its validation figures."""
