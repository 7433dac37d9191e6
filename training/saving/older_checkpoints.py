"""Checkpoints of earlier versions, read as this version writes them.

Version 1 left to the code what its behaviour depended on besides the weights, and version 2 still
left some of it. The values are written out here, so that no change of a default ever changes what
such a checkpoint gives.
"""

from typing import Any

from training.networks.backbones import SHUFFLENET
from training.saving.stored_weights import State

Description = dict[str, Any]

MEANT_BY_VERSION_1: Description = {
    "operating_points": {},
    "calibrated_with": "",
    "temperature": 1.0,
    "data": {},
    "metrics": {},
    "stored_dtype": "float32",
}
CONFIG_MEANT_BY_VERSION_1: dict[str, Description] = {
    "detector": {
        "model": {
            "engine": "torchvision",
            "initial_checkpoint": "",
            "frozen_blocks": 0,
            "detectron2": {"base": "COCO-Detection/faster_rcnn_R_50_FPN_3x.yaml", "resolved": {}},
            "proposals": {
                "candidates_in_training": 500,
                "kept_in_training": 250,
                "candidates": 300,
                "kept": 150,
                "nms_iou": 0.7,
            },
            "sampling": {
                "anchors_per_image": 64,
                "positive_anchor_iou": 0.5,
                "boxes_per_image": 64,
                "positive_box_share": 0.5,
            },
            "roi_side_cells": 7,
            "suppression": {"lowest_score": 0.001, "nms_iou": 0.4},
        },
        "looks": {"mirrored": True, "same_box_iou": 0.5},
    },
    "classifier": {
        "model": {"initial_checkpoint": "", "frozen_blocks": 0},
        "looks": {"zooms": [1.0, 1.25], "mirrored": True},
    },
    "whole-image classifier": {"model": {"initial_checkpoint": "", "frozen_blocks": 0}},
}
DETECTOR_CONFIG_MEANT_BY_VERSION_2: Description = {"looks": {"same_lesion_iou": 0.5}}
CONFIG_MEANT_BY_VERSION_2: dict[str, Description] = {
    "detector": DETECTOR_CONFIG_MEANT_BY_VERSION_2,
    "merged detector": {"same_lesion_iou": 0.5},
    "classifier": {},
    "whole-image classifier": {
        "input": {"geometry": "letterbox"},
        "decision": {"tumour_probability": 0.5},
    },
}


def upgrade(description: Description, state: State) -> tuple[Description, State]:
    """Return a checkpoint's description and weights in the present form, whatever its version."""
    version = description["schema_version"]
    if version < 2:
        description, state = _to_version_2(description, state)
    if version < 3:
        description = {**description, "config": _to_version_3(description)}
    return description, state


def _to_version_2(description: Description, state: State) -> tuple[Description, State]:
    meant = {**MEANT_BY_VERSION_1, "config": CONFIG_MEANT_BY_VERSION_1[description["kind"]]}
    description = _filled_in(description, meant)
    is_classifier = description["kind"] != "detector"
    if is_classifier and description["config"]["model"]["architecture"] == SHUFFLENET:
        state = {_with_part(name): tensor for name, tensor in state.items()}
    return description, state


def _to_version_3(description: Description) -> Description:
    """Return the configuration with what version 2 left to the code."""
    config = _filled_in(description["config"], CONFIG_MEANT_BY_VERSION_2[description["kind"]])
    if "members" in config:
        members = config["members"]
        config["members"] = [_filled_in(m, DETECTOR_CONFIG_MEANT_BY_VERSION_2) for m in members]
    return config


def _filled_in(values: Description, meant: Description) -> Description:
    """Return the values, and what is meant wherever there is none."""
    filled = dict(values)
    for name, value in meant.items():
        if isinstance(value, dict):
            filled[name] = _filled_in(values.get(name, {}), value)
        else:
            filled.setdefault(name, value)
    return filled


def _with_part(name: str) -> str:
    """Say whether a classifier's tensor is the head's or the body's, where it does not."""
    if name.startswith(("body.", "head.")):
        return name
    return f"head.{name.removeprefix('fc.')}" if name.startswith("fc.") else f"body.{name}"
