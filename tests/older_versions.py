"""Checkpoints as earlier versions wrote them, which left some of their behaviour to the code."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from training.saving.checkpoint import Checkpoint, hash_weights

SINCE_VERSION_2 = ("model.proposals", "model.sampling", "model.roi_side_cells", "model.suppression")
SINCE_VERSION_3 = (
    "looks.same_lesion_iou",
    "same_lesion_iou",
    "input.geometry",
    "decision",
)


def write_version_1(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint without the settings that only version 2 holds."""
    config = _without(_of_version_2(checkpoint), "looks", *SINCE_VERSION_2)
    _write(checkpoint, config, 1, path)


def write_version_2(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint without the settings that only version 3 holds."""
    _write(checkpoint, _of_version_2(checkpoint), 2, path, stored_dtype="float32")


def _of_version_2(checkpoint: Checkpoint) -> dict[str, Any]:
    newer = set(SINCE_VERSION_3)
    if checkpoint.kind == "detector":
        # A detector's geometry is as old as detectors.
        newer.remove("input.geometry")
    config = _without(checkpoint.config, *newer)
    if "members" in config:
        config["members"] = [_without(m, "looks.same_lesion_iou") for m in config["members"]]
    return config


def _write(
    checkpoint: Checkpoint, config: dict[str, Any], version: int, path: Path, **newer: str
) -> None:
    description = {
        "schema_version": version,
        "kind": checkpoint.kind,
        "config": config,
        "class_names": checkpoint.class_names,
        "operating_points": checkpoint.operating_points,
        "calibrated_with": checkpoint.calibrated_with,
        "temperature": checkpoint.temperature,
        "data": checkpoint.data,
        "metrics": checkpoint.metrics,
        "weights_sha256": hash_weights(checkpoint.state),
        **newer,
    }
    save_file(checkpoint.state, path, metadata={"description": json.dumps(description)})


def _without(config: dict[str, Any], *dotted_names: str) -> dict[str, Any]:
    """Return the configuration without some of its sections and settings."""
    left = deepcopy(config)
    for dotted in dotted_names:
        *sections, name = dotted.split(".")
        inner = left
        for section in sections:
            inner = inner.get(section, {})
        inner.pop(name, None)
    return left
