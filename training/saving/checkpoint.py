"""Checkpoints: one safetensors file that holds the weights and all that is needed to use them."""

import hashlib
import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from formats.errors import InputError
from formats.whole_file import write_whole
from training.saving.older_checkpoints import Description, upgrade
from training.saving.stored_weights import State, StoredDtype, as_loaded, as_stored

SCHEMA_VERSION = 3
SEAL = "description_sha256"
"""Of all else in the description; files from before it have none."""
REQUIRED = ("schema_version", "kind", "config", "class_names", "weights_sha256")


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A network's weights and their description."""

    kind: str
    """`detector`, `merged detector`, `classifier` or `whole-image classifier`: what the weights
    are for."""
    config: dict[str, Any]
    """All that the weights' behaviour depends on, and how they were trained."""
    class_names: list[str]
    state: State
    operating_points: dict[str, float] = field(default_factory=dict)
    """Name to lowest score that counts as found."""
    operating_curve: list[list[float]] = field(default_factory=list)
    """Lowest score, sensitivity and false positives an image on the validation part, surest first:
    `pipeline.operating_points.OperatingPoint`."""
    calibrated_with: str = ""
    """Weights' SHA-256 of the detector whose scores a classifier's operating points are on."""
    temperature: float = 1.0
    """Divides the logits so that probabilities are calibrated."""
    box_conventions: dict[str, dict[str, float]] = field(default_factory=dict)
    """Name to how a detector's boxes are redrawn, a
    `formats.geometry.box_conventions.BoxConvention`."""
    view_fusion: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    """How a classifier's probabilities of two views become a breast's: which boxes are listed, to
    `tumour` and `cancer`, to `pipeline.cases.view_fusion.FusionParameters`."""
    data: dict[str, str] = field(default_factory=dict)
    """Name and SHA-256 of the training data's COCO file."""
    metrics: dict[str, float] = field(default_factory=dict)
    """Validation figures at the saved epoch."""
    stored_dtype: StoredDtype = StoredDtype.float32

    @property
    def weights_sha256(self) -> str:
        """The hash of the weights as they are when loaded, whatever else is in the file."""
        return hash_weights(as_loaded(as_stored(self.state, self.stored_dtype)))


def save_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write the checkpoint, whole or not at all.

    Raises:
        InputError: a weight cannot be stored so.
    """
    description = describe_checkpoint(checkpoint)
    write_described(description, as_stored(checkpoint.state, checkpoint.stored_dtype), path)


def describe_checkpoint(checkpoint: Checkpoint) -> Description:
    """Return all that a checkpoint says of its weights, as JSON has it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": checkpoint.kind,
        "config": _without_folders(checkpoint.config),
        "class_names": checkpoint.class_names,
        "operating_points": checkpoint.operating_points,
        "operating_curve": checkpoint.operating_curve,
        "calibrated_with": checkpoint.calibrated_with,
        "temperature": checkpoint.temperature,
        "box_conventions": checkpoint.box_conventions,
        "view_fusion": checkpoint.view_fusion,
        "data": checkpoint.data,
        "metrics": checkpoint.metrics,
        "stored_dtype": checkpoint.stored_dtype,
        "weights_sha256": checkpoint.weights_sha256,
    }


def load_checkpoint(path: Path, *kinds: str) -> Checkpoint:
    """Read a checkpoint of one of the given kinds.

    Raises:
        InputError: the file is missing, no checkpoint of this project, of another kind or of a
            newer version, or its weights are not those that were saved.
    """
    description, stored = read_described(path)
    if not all(name in description for name in REQUIRED):
        raise _not_ours(path)
    if description["kind"] not in kinds:
        raise InputError(
            f"{path}: this is a {description['kind']}; give a {' or '.join(kinds)} checkpoint"
        )
    if description["schema_version"] not in range(1, SCHEMA_VERSION + 1):
        raise InputError(
            f"{path}: checkpoint version {description['schema_version']}, this program reads 1 to "
            f"{SCHEMA_VERSION}; use the program's version that wrote it"
        )
    state = as_loaded(stored)
    if hash_weights(state) != description["weights_sha256"]:
        raise InputError(f"{path}: the weights are damaged (hash differs); copy the file again")
    try:
        return _from_description(*upgrade(description, state))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path}: its description is not as this program writes it ({error!r}); give the file "
            "as it was written"
        ) from error


def write_described(description: Description, state: State, path: Path) -> None:
    """Write tensors and what is said of them, whole or not at all.

    The description has to hold the weights' hash, and gets one of its own: so no change of either
    goes unnoticed.
    """
    sealed = {**description, SEAL: _hash_description(description)}
    # One entry only: safetensors writes several in an order of its own each time.
    write_whole(save(state, metadata={"description": json.dumps(sealed)}), path)


def read_described(path: Path) -> tuple[Description, State]:
    """Read tensors and what is said of them; files from before the description's hash have none.

    Raises:
        InputError: the file is missing, not of this project, or the description is not the one
            that was written.
    """
    if path.is_dir():
        raise InputError(
            f"{path}: this is a folder; name a checkpoint in it, such as best.safetensors"
        )
    try:
        with safe_open(path, framework="pt") as stream:
            metadata = stream.metadata() or {}
            state = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; check the path") from error
    except (OSError, SafetensorError, struct.error) as error:
        advice = ""
        if path.suffix.casefold() == ".onnx":
            advice = "; give the .safetensors file that it was exported from"
        raise InputError(f"{path}: not a safetensors checkpoint ({error}){advice}") from error
    try:
        description = json.loads(metadata["description"])
    except (KeyError, json.JSONDecodeError, RecursionError) as error:
        raise _not_ours(path) from error
    if not isinstance(description, dict):
        raise _not_ours(path)
    seal = description.pop(SEAL, None)
    if seal is not None and seal != _hash_description(description):
        raise InputError(
            f"{path}: the description is damaged, or was changed by hand (hash differs); copy the "
            "file again"
        )
    return description, state


def hash_weights(state: State) -> str:
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
    """Name files and folders by their last name alone: a checkpoint goes to other machines."""
    named_in = {
        "data": config.get("data", {}).keys(),
        "model": ("weights", "initial_checkpoint"),
        "distillation": ("teacher",),
        "optimisation": ("cache_dir",),
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


def _hash_description(description: Description) -> str:
    return hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()


def _not_ours(path: Path) -> InputError:
    return InputError(
        f"{path}: weights without this project's description; give a checkpoint that "
        "`mammo train-detector` or `mammo train-classifier` wrote"
    )


def _from_description(description: Description, state: State) -> Checkpoint:
    return Checkpoint(
        kind=str(description["kind"]),
        config=dict(description["config"]),
        class_names=list(description["class_names"]),
        state=state,
        operating_points=_numbers(description["operating_points"]),
        operating_curve=[_point(values) for values in description.get("operating_curve", [])],
        calibrated_with=str(description["calibrated_with"]),
        temperature=float(description["temperature"]),
        box_conventions={
            name: _numbers(values)
            for name, values in description.get("box_conventions", {}).items()
        },
        view_fusion={
            listed: {target: _numbers(values) for target, values in targets.items()}
            for listed, targets in description.get("view_fusion", {}).items()
        },
        data=dict(description["data"]),
        metrics=dict(description["metrics"]),
        stored_dtype=StoredDtype(description["stored_dtype"]),
    )


def _numbers(values: dict[str, Any]) -> dict[str, float]:
    return {str(name): float(value) for name, value in values.items()}


def _point(values: list[Any]) -> list[float]:
    score, sensitivity, false_positives_per_image = map(float, values)
    return [score, sensitivity, false_positives_per_image]
