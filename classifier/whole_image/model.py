"""From a configuration to a whole-image network, and between a network and its checkpoint."""

from pathlib import Path

from torch import nn

from classifier.model import ImageClassifier, build_classifier
from classifier.whole_image.config import Head, WholeImageConfig, WholeImageModel
from classifier.whole_image.questions import Question
from training.networks.backbones import blocks_of, freeze_blocks, set_training_mode
from training.networks.network_file import NetworkKind
from training.saving.checkpoint import Checkpoint

KIND = "whole-image classifier"
NARROW_WIDTH = 10


def build_whole_image_classifier(config: WholeImageModel, class_count: int) -> ImageClassifier:
    """Build a network from (B, 3, H, W) standardised images to (B, class_count) logits.

    Raises:
        InputError: weights that cannot be had or do not fit.
    """
    model = build_classifier(config, class_count)
    if config.head == Head.narrow:
        model.head = _narrow_head(model.body.head_hidden_size, config.dropout, class_count)
    return model


def set_whole_image_mode(model: ImageClassifier, config: WholeImageModel, epoch: int) -> None:
    """Put what learns in this epoch, from 0, into training mode: at first the head alone."""
    blocks = blocks_of(model.body, config.architecture)
    learning = 0 if epoch < config.frozen_epochs else config.unfrozen_blocks
    model.requires_grad_()
    freeze_blocks(model.body, config.architecture, max(0, len(blocks) - learning))
    set_training_mode(model, config.batch_norm)


WHOLE_IMAGE_CLASSIFIER = NetworkKind(
    name=KIND,
    schema=WholeImageConfig,
    build=lambda config, class_names: build_whole_image_classifier(config.model, len(class_names)),
)


def save_whole_image_classifier(
    model: nn.Module,
    config: WholeImageConfig,
    question: Question,
    path: Path,
    data: dict[str, str],
    metrics: dict[str, float],
) -> None:
    """Write a whole-image classifier's checkpoint."""
    WHOLE_IMAGE_CLASSIFIER.save(model, config, question.class_names, path, data, metrics)


def load_whole_image_classifier(path: Path) -> tuple[ImageClassifier, WholeImageConfig, Checkpoint]:
    """Rebuild a whole-image classifier in evaluation mode from its checkpoint.

    Raises:
        InputError: the file is no such checkpoint that this version can read.
    """
    return WHOLE_IMAGE_CLASSIFIER.load(path)


def _narrow_head(channels: int, dropout: float, class_count: int) -> nn.Module:
    return nn.Sequential(
        nn.BatchNorm1d(channels),
        nn.Linear(channels, NARROW_WIDTH),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(NARROW_WIDTH, class_count),
    )
