"""A network and its file: saved, loaded and started from in one way, whichever network it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from torch import nn

from formats.errors import InputError
from training.config import config_from_dict, config_to_dict, missing_settings
from training.networks.backbones import FROM_SCRATCH
from training.saving.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from training.saving.stored_weights import State

DECIDING_SECTIONS = ("input", "model", "looks", "decision")
"""Sections of a configuration that decide what a trained network gives."""
Network = TypeVar("Network", bound=nn.Module)
Config = TypeVar("Config")


@dataclass(frozen=True, kw_only=True)
class NetworkKind(Generic[Network, Config]):
    """One of the project's networks: how its files call it, how it is configured and built."""

    name: str
    schema: type[Config]
    build: Callable[[Config, Sequence[str]], Network]
    """From a configuration and class names to a network."""

    def save(
        self,
        model: nn.Module,
        config: Config,
        class_names: Sequence[str],
        path: Path,
        data: dict[str, str],
        metrics: dict[str, float],
    ) -> None:
        """Write a network's checkpoint, with what is known of its training data and validation."""
        checkpoint = Checkpoint(
            kind=self.name,
            config=config_to_dict(config),
            class_names=list(class_names),
            state=model.state_dict(),
            data=data,
            metrics=metrics,
        )
        save_checkpoint(checkpoint, path)

    def load(self, path: Path) -> tuple[Network, Config, Checkpoint]:
        """Rebuild a network in evaluation mode from its checkpoint.

        Raises:
            InputError: the file is no checkpoint of this kind that this version can read.
        """
        checkpoint = load_checkpoint(path, self.name)
        try:
            return *self.rebuild(checkpoint), checkpoint
        except InputError as error:
            raise InputError(f"{path}: {error}") from error

    def rebuild(self, checkpoint: Checkpoint) -> tuple[Network, Config]:
        """Rebuild a network in evaluation mode from what was read.

        Raises:
            InputError: the weights do not fit what the configuration describes.
        """
        config = self._config_of(checkpoint)
        model = self.build(config, checkpoint.class_names)
        _require_fit(model.state_dict(), checkpoint.state)
        model.load_state_dict(checkpoint.state)
        return model.eval(), config

    def _config_of(self, checkpoint: Checkpoint) -> Config:
        missing = [
            name
            for name in missing_settings(self.schema, checkpoint.config)
            if name.split(".")[0] in DECIDING_SECTIONS
        ]
        if missing:
            raise InputError(
                f"the checkpoint does not say {', '.join(missing)}; use the program's version that "
                "wrote it"
            )
        config: Any = config_from_dict(self.schema, checkpoint.config)
        # The checkpoint holds the weights: nothing is to be downloaded or looked for.
        model = replace(config.model, weights=FROM_SCRATCH, initial_checkpoint="")
        return replace(config, model=model)


def fill_from_checkpoint(
    model: nn.Module, checkpoint: Checkpoint, path: Path, head: str, settings: dict[str, Any]
) -> None:
    """Start a network from the weights of a checkpoint that `path` holds.

    The modules whose names begin with `head` stay as they are where the checkpoint's are of another
    size: its classes are others. `settings` are those, by dotted name, that the weights were
    trained with and that no shape of a tensor shows.

    Raises:
        InputError: the checkpoint is of another network, or was trained with other settings.
    """
    for setting, value in settings.items():
        section, name = setting.split(".")
        trained_with = checkpoint.config[section][name]
        if trained_with != value:
            raise InputError(
                f"{path}: was trained with {setting}={trained_with}, not {value}; give the same"
            )
    own = model.state_dict()
    of_other_classes = {name for name in _misfits(own, checkpoint.state) if name.startswith(head)}
    if of_other_classes != _misfits(own, checkpoint.state):
        raise InputError(
            f"{path}: the weights are of another network; give the same model settings, or leave "
            "model.initial_checkpoint out"
        )
    state = {k: tensor for k, tensor in checkpoint.state.items() if k not in of_other_classes}
    model.load_state_dict(state, strict=False)


def _require_fit(own: State, given: State) -> None:
    misfits = sorted(_misfits(own, given))
    if misfits:
        raise InputError(
            f"{len(misfits)} tensors (such as '{misfits[0]}') do not fit the network that the "
            "checkpoint describes; give the file as it was written"
        )


def _misfits(own: State, given: State) -> set[str]:
    """Return the names of tensors that only one side has, or that differ in shape."""
    return {
        name
        for name in own.keys() | given.keys()
        if name not in own or name not in given or own[name].shape != given[name].shape
    }
