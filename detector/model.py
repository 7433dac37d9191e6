"""From a configuration to a detector, and between a detector and its checkpoint."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from torch import nn

from detector.config import DetectorConfig, DetectorInput, DetectorModel, Engine
from detector.members import DETECTOR_KINDS, KIND, members_of
from detector.torchvision_rcnn import build_torchvision_rcnn
from formats.errors import InputError
from training.networks.network_file import NetworkKind, fill_from_checkpoint
from training.saving.checkpoint import Checkpoint, load_checkpoint

DETECTRON2_GUIDE = "https://detectron2.readthedocs.io/en/latest/tutorials/install.html"


def _build_detectron2_rcnn(
    model_config: DetectorModel, input_config: DetectorInput, class_count: int
) -> nn.Module:
    try:
        from detector.detectron2_rcnn import build_detectron2_rcnn
    except ImportError as error:
        raise InputError(
            f"model.engine=detectron2: detectron2 cannot be imported ({error}); install it as "
            f"{DETECTRON2_GUIDE} says, built after and for the torch that is here, with "
            "setuptools<82 and omegaconf<2.4; or use model.engine=torchvision"
        ) from error
    return build_detectron2_rcnn(model_config, input_config, class_count)


ENGINES: dict[Engine, Callable[[DetectorModel, DetectorInput, int], nn.Module]] = {
    Engine.torchvision: build_torchvision_rcnn,
    Engine.detectron2: _build_detectron2_rcnn,
}
CLASS_LAYERS = {
    Engine.torchvision: "roi_heads.box_predictor.",
    Engine.detectron2: "network.roi_heads.box_predictor.",
}


def build_detector(config: DetectorConfig) -> nn.Module:
    """Build an untrained detector, its weights filled as the configuration says.

    In training mode it takes a list of (3, S, S) images and targets and returns a dict of losses;
    in evaluation mode a list of images gives dicts of `boxes` (N, 4) xyxy in square pixels,
    `scores` (N,) falling, and `labels` (N,) from 1.

    Raises:
        InputError: the engine is not installed, or the network or its weights cannot be had.
    """
    build = ENGINES[config.model.engine]
    model = build(config.model, config.input, len(config.data.class_names))
    if config.model.initial_checkpoint:
        settings = {
            "model.activation": config.model.activation,
            "input.mean": config.input.mean,
            "input.std": config.input.std,
        }
        path = Path(config.model.initial_checkpoint)
        first = members_of(load_checkpoint(path, *DETECTOR_KINDS))[0]
        fill_from_checkpoint(model, first, path, CLASS_LAYERS[config.model.engine], settings)
    return model


def _build(config: DetectorConfig, class_names: Sequence[str]) -> nn.Module:
    return build_detector(replace(config, data=replace(config.data, class_names=[*class_names])))


DETECTOR = NetworkKind(name=KIND, schema=DetectorConfig, build=_build)


def save_detector(
    model: nn.Module,
    config: DetectorConfig,
    path: Path,
    data: dict[str, str],
    metrics: dict[str, float],
) -> None:
    """Write a detector's checkpoint."""
    # A detectron2 network's base may be a file that changes or is not there when this is loaded.
    resolved = getattr(model, "resolved_config", {})
    detectron2 = replace(config.model.detectron2, resolved=resolved)
    described = replace(config, model=replace(config.model, detectron2=detectron2))
    DETECTOR.save(model, described, config.data.class_names, path, data, metrics)


def load_detector(path: Path) -> tuple[nn.Module, DetectorConfig, Checkpoint]:
    """Rebuild a detector in evaluation mode from its checkpoint.

    Raises:
        InputError: the file is no detector checkpoint that this version can read.
    """
    return DETECTOR.load(path)
