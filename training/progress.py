"""Where a training stands."""

import math
from dataclasses import dataclass, field
from typing import Any


@dataclass(kw_only=True)
class Progress:
    """The epochs so far and the best of them; part of the saved state."""

    next_epoch: int = 0
    best_value: float = -math.inf
    best_epoch: int = -1
    reductions: int = 0
    """How often the learning rate has been reduced on a plateau."""
    reduced_epoch: int = -1
    data_source: dict[str, str] = field(default_factory=dict)
    """What has been learnt from."""
    losses: list[dict[str, float]] = field(default_factory=list)
    """Of the next epoch's steps, where training was interrupted in the middle of it."""

    def is_best(self, value: float) -> bool:
        """Say whether an epoch's figure is better than all before."""
        return value > self.best_value

    def note(self, epoch: int, value: float) -> None:
        """Take the epoch as learnt and validated."""
        if self.is_best(value):
            self.best_value, self.best_epoch = value, epoch
        self.next_epoch = epoch + 1
        self.losses = []

    def is_stuck(self, epoch: int, patience_epochs: int) -> bool:
        """Say whether the best epoch lies too far back for another one."""
        return self.best_epoch >= 0 and epoch - self.best_epoch > patience_epochs

    def count_plateau(self, epoch: int, plateau_epochs: int) -> None:
        """Count a reduction when no epoch since the last one or the best has been better."""
        if epoch - max(self.best_epoch, self.reduced_epoch) >= plateau_epochs:
            self.reductions += 1
            self.reduced_epoch = epoch

    def state_dict(self) -> dict[str, Any]:
        """Return plain values for saving."""
        return vars(self).copy()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take saved values."""
        vars(self).update(state)
