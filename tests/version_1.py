"""Checkpoints as version 1 wrote them, which left much of their behaviour to the code."""

import json
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from training.checkpoint import Checkpoint, hash_weights

NEWER_MODEL_SETTINGS = ("proposals", "sampling", "roi_side_cells", "suppression")


def write_version_1(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint without the settings that only version 2 holds."""
    description = {
        "schema_version": 1,
        "kind": checkpoint.kind,
        "config": _without_newer_settings(checkpoint.config),
        "class_names": checkpoint.class_names,
        "operating_points": checkpoint.operating_points,
        "calibrated_with": checkpoint.calibrated_with,
        "temperature": checkpoint.temperature,
        "data": checkpoint.data,
        "metrics": checkpoint.metrics,
        "weights_sha256": hash_weights(checkpoint.state),
    }
    save_file(checkpoint.state, path, metadata={"description": json.dumps(description)})


def _without_newer_settings(config: dict[str, Any]) -> dict[str, Any]:
    model = {k: v for k, v in config["model"].items() if k not in NEWER_MODEL_SETTINGS}
    return {k: v for k, v in config.items() if k != "looks"} | {"model": model}
