"""A training's state on disk, for resuming: whole or not at all, and the one before it beside it.

Each state is one safetensors file in the run's `state` folder, named by how far the training was.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from formats.errors import InputError
from training.saving.checkpoint import hash_weights, read_described, write_described
from training.saving.older_states import is_older_state, read_older_state
from training.saving.stored_weights import State

logger = logging.getLogger(__name__)
VERSION = 1
GENERATIONS = 2
NAME = "epoch-{epoch:05d}-step-{step:07d}.safetensors"
NAME_PATTERN = re.compile(r"epoch-\d+-step-\d+\.safetensors")
PARTS = ("model", "averaged", "optimizer", "random")


@dataclass(frozen=True, kw_only=True)
class SavedTraining:
    """All that a training needs to go on as if it had not been interrupted."""

    values: dict[str, Any]
    """Plain values by what they are of: `progress`, `schedule`, `groups` of the optimizer, and
    `scaler` where numbers are scaled."""
    model: State
    averaged: State
    optimizer: State
    """By the parameter's number and the name of its value, such as `12.exp_avg`."""
    random: State
    """States of random numbers, by the process' number and the device's kind, such as `0.cpu`."""


def save_training(saved: SavedTraining, folder: Path, epoch: int, step: int) -> None:
    """Write a state, and remove all but the newest two.

    Args:
        saved: the state.
        folder: of this run's states.
        epoch: that is learnt next, from 0.
        step: of that epoch that is learnt next, from 0.
    """
    tensors = {
        f"{part}.{name}": tensor.contiguous().cpu()
        for part in PARTS
        for name, tensor in getattr(saved, part).items()
    }
    description = {
        "version": VERSION,
        "values": saved.values,
        "weights_sha256": hash_weights(tensors),
    }
    write_described(description, tensors, folder / NAME.format(epoch=epoch, step=step))
    kept = _newest_first(folder)[:GENERATIONS]
    if len(kept) == GENERATIONS:
        for path in folder.iterdir():
            if path not in kept:
                path.unlink()


def read_newest_training(folder: Path) -> SavedTraining:
    """Return the newest state that is whole; a damaged one before it is logged.

    Raises:
        InputError: none can be read.
    """
    errors = []
    for read in _readers(folder):
        try:
            saved = read()
        except InputError as error:
            errors.append(error)
            continue
        for damage in errors:
            logger.warning("%s; going on from the state before it", damage)
        return saved
    told = "; ".join(map(str, errors)) or f"{folder}: holds no state"
    raise InputError(f"{told}; no state is whole: start again in another folder")


def holds_training(folder: Path) -> bool:
    """Tell whether there is a state, whole or not."""
    return folder.is_dir() and (bool(_newest_first(folder)) or is_older_state(folder))


def _readers(folder: Path) -> Iterator[Any]:
    for path in _newest_first(folder):
        yield lambda path=path: _read(path)
    if is_older_state(folder):
        yield lambda: SavedTraining(**read_older_state(folder))


def _newest_first(folder: Path) -> list[Path]:
    return sorted(
        (path for path in folder.iterdir() if NAME_PATTERN.fullmatch(path.name)),
        key=lambda path: path.name,
        reverse=True,
    )


def _read(path: Path) -> SavedTraining:
    description, tensors = read_described(path)
    if description.get("version") != VERSION:
        raise InputError(
            f"{path}: state version {description.get('version')}, this program reads {VERSION}"
        )
    if hash_weights(tensors) != description.get("weights_sha256"):
        raise InputError(f"{path}: damaged (hash differs)")
    parts: dict[str, State] = {part: {} for part in PARTS}
    for name, tensor in tensors.items():
        part, _, rest = name.partition(".")
        parts[part][rest] = tensor
    return SavedTraining(values=description["values"], **parts)
