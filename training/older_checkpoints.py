"""Checkpoints of earlier versions, read as this version writes them.

Version 1 left to the code what its behaviour depended on besides the weights. The values are
written out here, so that no change of a default ever changes what such a checkpoint gives.
"""

from typing import Any

from torch import Tensor

from training.backbones import SHUFFLENET

Description = dict[str, Any]
State = dict[str, Tensor]

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


def upgrade(description: Description, state: State) -> tuple[Description, State]:
    """Return a checkpoint's description and weights in the present form, whatever its version."""
    if description["schema_version"] > 1:
        return description, state
    meant = {**MEANT_BY_VERSION_1, "config": CONFIG_MEANT_BY_VERSION_1[description["kind"]]}
    description = _filled_in(description, meant)
    is_classifier = description["kind"] != "detector"
    if is_classifier and description["config"]["model"]["architecture"] == SHUFFLENET:
        state = {_with_part(name): tensor for name, tensor in state.items()}
    return description, state


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
