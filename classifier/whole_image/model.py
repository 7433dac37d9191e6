"""From a configuration to a whole-image network, and between a network and its checkpoint."""

from pathlib import Path

from torch import nn

from classifier.model import ImageClassifier, build_classifier
from classifier.whole_image.config import Head, WholeImageConfig, WholeImageModel
from classifier.whole_image.questions import Question
from training.backbones import blocks_of, freeze_blocks, set_training_mode
from training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from training.config import config_from_dict, config_to_dict

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


def save_whole_image_classifier(
    model: nn.Module,
    config: WholeImageConfig,
    question: Question,
    path: Path,
    data: dict[str, str],
    metrics: dict[str, float],
) -> None:
    """Write a whole-image classifier's checkpoint."""
    save_checkpoint(
        Checkpoint(
            kind=KIND,
            config=config_to_dict(config),
            class_names=list(question.class_names),
            state=model.state_dict(),
            data=data,
            metrics=metrics,
        ),
        path,
    )


def load_whole_image_classifier(path: Path) -> tuple[ImageClassifier, WholeImageConfig, Checkpoint]:
    """Rebuild a whole-image classifier in evaluation mode from its checkpoint.

    Raises:
        InputError: the file is no such checkpoint that this version can read.
    """
    checkpoint = load_checkpoint(path, KIND)
    config = config_from_dict(WholeImageConfig, checkpoint.config)
    # The checkpoint holds the weights: nothing is to be downloaded.
    config.model.weights = "none"
    config.model.initial_checkpoint = ""
    model = build_whole_image_classifier(config.model, len(checkpoint.class_names))
    model.load_state_dict(checkpoint.state)
    return model.eval(), config, checkpoint


def _narrow_head(channels: int, dropout: float, class_count: int) -> nn.Module:
    return nn.Sequential(
        nn.BatchNorm1d(channels),
        nn.Linear(channels, NARROW_WIDTH),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(NARROW_WIDTH, class_count),
    )
