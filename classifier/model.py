"""From a configuration to a classifier, and between a classifier and its checkpoint."""

from pathlib import Path

from torch import nn

from classifier.config import CLASS_NAMES, ClassifierConfig, ClassifierModel
from converters.errors import InputError
from training.backbones import build_backbone
from training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from training.config import config_from_dict, config_to_dict

KIND = "classifier"
ARCHITECTURES = (*(f"efficientnet_b{size}" for size in range(8)), "efficientnet_v2_s")


def build_classifier(config: ClassifierModel, class_count: int) -> nn.Module:
    """Build an EfficientNet from (B, 3, S, S) standardised crops to (B, class_count) logits.

    Raises:
        InputError: an unknown architecture, or weights that cannot be had or do not fit.
    """
    if config.architecture not in ARCHITECTURES:
        raise InputError(
            f"model.architecture is '{config.architecture}'; give one of {list(ARCHITECTURES)}"
        )
    model = build_backbone(config.architecture, config.weights)
    feature_count = model.get_submodule("classifier.1").in_features
    model.classifier = nn.Sequential(
        nn.Dropout(config.dropout), nn.Linear(int(feature_count), class_count)
    )
    return model


def set_training_mode(model: nn.Module, frozen: bool) -> None:
    """Put the classifier into training mode; frozen features neither learn nor follow batches."""
    model.train()
    features = model.get_submodule("features")
    features.requires_grad_(not frozen)
    if frozen:
        features.eval()


def save_classifier(
    model: nn.Module,
    config: ClassifierConfig,
    path: Path,
    data: dict[str, str],
    metrics: dict[str, float],
) -> None:
    """Write a classifier's checkpoint."""
    save_checkpoint(
        Checkpoint(
            kind=KIND,
            config=config_to_dict(config),
            class_names=CLASS_NAMES,
            state=model.state_dict(),
            data=data,
            metrics=metrics,
        ),
        path,
    )


def load_classifier(path: Path) -> tuple[nn.Module, ClassifierConfig, Checkpoint]:
    """Rebuild a classifier in evaluation mode from its checkpoint.

    Raises:
        InputError: the file is no classifier checkpoint that this version can read.
    """
    checkpoint = load_checkpoint(path, KIND)
    config = config_from_dict(ClassifierConfig, checkpoint.config)
    # The checkpoint holds the weights: nothing is to be downloaded.
    config.model.weights = "none"
    model = build_classifier(config.model, len(checkpoint.class_names))
    model.load_state_dict(checkpoint.state)
    return model.eval(), config, checkpoint
