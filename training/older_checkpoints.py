"""Checkpoints of earlier versions, read as this version writes them."""

from typing import Any

from torch import Tensor

from training.backbones import SHUFFLENET

Description = dict[str, Any]
State = dict[str, Tensor]


def upgrade(description: Description, state: State) -> tuple[Description, State]:
    """Return a checkpoint's description and weights in the present form, whatever its version."""
    is_classifier = description["kind"] != "detector"
    if is_classifier and description["config"]["model"]["architecture"] == SHUFFLENET:
        state = {_with_part(name): tensor for name, tensor in state.items()}
    return description, state


def _with_part(name: str) -> str:
    """Say whether a classifier's tensor is the head's or the body's, where it does not."""
    if name.startswith(("body.", "head.")):
        return name
    return f"head.{name.removeprefix('fc.')}" if name.startswith("fc.") else f"body.{name}"
