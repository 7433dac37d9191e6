"""Between a crop classifier and its checkpoint."""

from pathlib import Path

from torch import nn

from classifier.crops.config import CropClassifierConfig
from classifier.model import KIND, ImageClassifier, build_classifier
from training.networks.network_file import NetworkKind
from training.saving.checkpoint import Checkpoint

CROP_CLASSIFIER = NetworkKind(
    name=KIND,
    schema=CropClassifierConfig,
    build=lambda config, class_names: build_classifier(config.model, len(class_names)),
)


def save_crop_classifier(
    model: nn.Module,
    config: CropClassifierConfig,
    path: Path,
    data: dict[str, str],
    metrics: dict[str, float],
) -> None:
    """Write a classifier's checkpoint."""
    CROP_CLASSIFIER.save(model, config, config.data.class_names, path, data, metrics)


def load_crop_classifier(path: Path) -> tuple[ImageClassifier, CropClassifierConfig, Checkpoint]:
    """Rebuild a classifier in evaluation mode from its checkpoint.

    Raises:
        InputError: the file is no classifier checkpoint that this version can read.
    """
    return CROP_CLASSIFIER.load(path)
