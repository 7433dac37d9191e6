"""From a configuration to a detector, and between a detector and its checkpoint."""

from pathlib import Path

from torch import nn

from detector.config import DetectorConfig
from detector.torchvision_rcnn import build_torchvision_rcnn
from training.backbones import BatchNorm, fix_statistics
from training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from training.config import config_from_dict, config_to_dict

KIND = "detector"


def build_detector(config: DetectorConfig) -> nn.Module:
    """Build an untrained detector, its backbone filled as the configuration says.

    In training mode it takes a list of (3, S, S) images and targets and returns a dict of losses;
    in evaluation mode a list of images gives dicts of `boxes` (N, 4) xyxy in square pixels,
    `scores` (N,) falling, and `labels` (N,) from 1.
    """
    return build_torchvision_rcnn(config.model, config.input, len(config.data.class_names))


def set_training_mode(model: nn.Module, batch_norm: BatchNorm) -> None:
    """Put the detector into training mode, the backbone's statistics fixed if so configured."""
    model.train()
    if batch_norm == BatchNorm.fixed:
        fix_statistics(model.get_submodule("backbone"))


def save_detector(
    model: nn.Module,
    config: DetectorConfig,
    path: Path,
    data: dict[str, str],
    metrics: dict[str, float],
) -> None:
    """Write a detector's checkpoint."""
    save_checkpoint(
        Checkpoint(
            kind=KIND,
            config=config_to_dict(config),
            class_names=config.data.class_names,
            state=model.state_dict(),
            data=data,
            metrics=metrics,
        ),
        path,
    )


def load_detector(path: Path) -> tuple[nn.Module, DetectorConfig, Checkpoint]:
    """Rebuild a detector in evaluation mode from its checkpoint.

    Raises:
        InputError: the file is no detector checkpoint that this version can read.
    """
    checkpoint = load_checkpoint(path, KIND)
    config = config_from_dict(DetectorConfig, checkpoint.config)
    # The checkpoint holds the weights: nothing is to be downloaded.
    config.model.weights = "none"
    model = build_detector(config)
    model.load_state_dict(checkpoint.state)
    return model.eval(), config, checkpoint
