"""Checkpoints: one safetensors file that holds the weights and all that is needed to use them."""

import hashlib
import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from formats.errors import InputError
from training.older_checkpoints import upgrade

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Checkpoint:
    """A network's weights and their description."""

    kind: str
    """`detector` or `classifier`: what the weights are for."""
    config: dict[str, Any]
    class_names: list[str]
    state: dict[str, torch.Tensor]
    operating_points: dict[str, float] = field(default_factory=dict)
    """Name to lowest score that counts as found."""
    calibrated_with: str = ""
    """Weights' SHA-256 of the detector whose scores a classifier's operating points are on."""
    temperature: float = 1.0
    """Divides the logits so that probabilities are calibrated."""
    box_conventions: dict[str, dict[str, float]] = field(default_factory=dict)
    """Name to how a detector's boxes are redrawn: `formats.box_conventions.BoxConvention`."""
    data: dict[str, str] = field(default_factory=dict)
    """Name and SHA-256 of the training data's COCO file."""
    metrics: dict[str, float] = field(default_factory=dict)
    """Validation figures at the saved epoch."""

    @property
    def weights_sha256(self) -> str:
        """The hash of the weights, whatever else is in the file."""
        return hash_weights(self.state)


def save_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write the checkpoint, whole or not at all."""
    state = {name: tensor.contiguous().cpu() for name, tensor in checkpoint.state.items()}
    description = {
        "schema_version": SCHEMA_VERSION,
        "kind": checkpoint.kind,
        "config": _without_folders(checkpoint.config),
        "class_names": checkpoint.class_names,
        "operating_points": checkpoint.operating_points,
        "calibrated_with": checkpoint.calibrated_with,
        "temperature": checkpoint.temperature,
        "box_conventions": checkpoint.box_conventions,
        "data": checkpoint.data,
        "metrics": checkpoint.metrics,
        "weights_sha256": hash_weights(state),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    save_file(state, partial, metadata={"description": json.dumps(description)})
    partial.replace(path)


def load_checkpoint(path: Path, kind: str) -> Checkpoint:
    """Read a checkpoint of the given kind.

    Raises:
        InputError: the file is missing, no checkpoint of this project, of another kind or version,
            or its weights are not those that were saved.
    """
    description, state = _read(path)
    if description["kind"] != kind:
        raise InputError(f"{path}: this is a {description['kind']}; give a {kind} checkpoint")
    if description["schema_version"] != SCHEMA_VERSION:
        raise InputError(
            f"{path}: checkpoint version {description['schema_version']}, this program reads "
            f"{SCHEMA_VERSION}; use the program's version that wrote it"
        )
    if hash_weights(state) != description["weights_sha256"]:
        raise InputError(f"{path}: the weights are damaged (hash differs); copy the file again")
    description, state = upgrade(description, state)
    return Checkpoint(
        kind=kind,
        config=description["config"],
        class_names=description["class_names"],
        state=state,
        operating_points=description["operating_points"],
        calibrated_with=description.get("calibrated_with", ""),
        temperature=description["temperature"],
        box_conventions=description.get("box_conventions", {}),
        data=description["data"],
        metrics=description["metrics"],
    )


def fill_from_checkpoint(
    model: nn.Module, path: Path, kind: str, head: str, settings: dict[str, Any]
) -> None:
    """Start a network from a checkpoint's weights.

    The modules whose names begin with `head` stay as they are where the checkpoint's are of another
    size: its classes are others. `settings` are those, by dotted name, that the weights were
    trained with and that no shape of a tensor shows.

    Raises:
        InputError: the file is no checkpoint of the kind, of another network, or one that was
            trained with other settings.
    """
    checkpoint = load_checkpoint(path, kind)
    for setting, value in settings.items():
        section, name = setting.split(".")
        trained_with = checkpoint.config[section][name]
        if trained_with != value:
            raise InputError(
                f"{path}: was trained with {setting}={trained_with}, not {value}; give the same"
            )
    own = model.state_dict()
    state = {
        name: tensor
        for name, tensor in checkpoint.state.items()
        if not (name.startswith(head) and name in own and own[name].shape != tensor.shape)
    }
    shapes = {name: tensor.shape for name, tensor in own.items()}
    fits = all(shapes.get(name) == tensor.shape for name, tensor in state.items())
    if not fits or any(not name.startswith(head) for name in own.keys() - state.keys()):
        raise InputError(
            f"{path}: the weights are of another network; give the same model settings, or leave "
            "model.initial_checkpoint out"
        )
    model.load_state_dict(state, strict=False)


def hash_weights(state: dict[str, torch.Tensor]) -> str:
    """Return the SHA-256 of all tensors, names included: safetensors itself has no checksum."""
    digest = hashlib.sha256()
    for name in sorted(state):
        digest.update(name.encode())
        digest.update(state[name].reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _without_folders(config: dict[str, Any]) -> dict[str, Any]:
    """Name data and weights without their folders: a checkpoint goes to other machines."""
    named_in = {
        "data": config.get("data", {}).keys(),
        "model": ("weights", "initial_checkpoint"),
        "distillation": ("teacher",),
    }
    return {
        section: {
            k: _file_name(v) if k in named_in.get(section, ()) else v for k, v in part.items()
        }
        if isinstance(part, dict)
        else part
        for section, part in config.items()
    }


def _file_name(value: Any) -> Any:
    return Path(value).name if isinstance(value, str) else value


def _read(path: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    try:
        with safe_open(path, framework="pt") as stream:
            metadata = stream.metadata() or {}
            state = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; check the path") from error
    except (OSError, SafetensorError, struct.error) as error:
        raise InputError(f"{path}: not a safetensors checkpoint ({error})") from error
    if "description" not in metadata:
        raise InputError(
            f"{path}: weights without this project's description; give a checkpoint that "
            "`mammo train-detector` or `mammo train-classifier` wrote"
        )
    return json.loads(metadata["description"]), state
