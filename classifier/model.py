"""From a configuration to a classifier, and between a classifier and its checkpoint."""

from pathlib import Path

from torch import Tensor, nn
from torchvision.models import EfficientNet

from classifier.config import ClassifierConfig, ClassifierModel
from converters.errors import InputError
from training.backbones import BatchNorm, build_backbone, fix_statistics
from training.checkpoint import (
    Checkpoint,
    fill_from_checkpoint,
    load_checkpoint,
    save_checkpoint,
)
from training.config import config_from_dict, config_to_dict

KIND = "classifier"
EFFICIENTNETS = (*(f"efficientnet_b{size}" for size in range(8)), "efficientnet_v2_s")
SHUFFLENET = "shufflenet_v2_x1_0"
SHUFFLENET_CHANNELS = 464


def build_classifier(config: ClassifierModel, class_count: int) -> nn.Module:
    """Build a network from (B, 3, S, S) standardised crops to (B, class_count) logits.

    Raises:
        InputError: an unknown architecture, or weights that cannot be had or do not fit.
    """
    if config.architecture not in (*EFFICIENTNETS, SHUFFLENET):
        raise InputError(
            f"model.architecture is '{config.architecture}'; "
            f"give one of {[*EFFICIENTNETS, SHUFFLENET]}"
        )
    model = build_backbone(config.architecture, config.weights, config.activation)
    if config.architecture == SHUFFLENET:
        # Its detection weights end here: no last convolution to start from.
        model.conv5 = nn.Identity()
        model.fc = _head(SHUFFLENET_CHANNELS, config.dropout, class_count)
    else:
        channels = model.get_parameter("classifier.1.weight").shape[1]
        model.classifier = _head(channels, config.dropout, class_count)
    if config.initial_checkpoint:
        path, head = Path(config.initial_checkpoint), f"{_head_name(model)}."
        settings = {"model.activation": config.activation}
        fill_from_checkpoint(model, path, KIND, head, settings)
    return model


def feature_map(model: nn.Module, crops: Tensor) -> Tensor:
    """Return the (B, C, H, W) features of (B, 3, S, S) crops before they are pooled."""
    if isinstance(model, EfficientNet):
        return model.features(crops)
    maps = crops
    for name in ("conv1", "maxpool", "stage2", "stage3", "stage4", "conv5"):
        maps = model.get_submodule(name)(maps)
    return maps


def logits_from_map(model: nn.Module, features: Tensor) -> Tensor:
    """Return the (B, class_count) logits that a classifier gives to its own (B, C, H, W) map."""
    head = model.get_submodule(_head_name(model))
    return head(features.mean(dim=(2, 3)))


def set_training_mode(model: nn.Module, config: ClassifierModel, frozen: bool) -> None:
    """Put the classifier into training mode, of which a frozen backbone takes no part."""
    head = model.get_submodule(_head_name(model))
    model.train(not frozen)
    model.requires_grad_(not frozen)
    if config.batch_norm == BatchNorm.fixed:
        fix_statistics(model)
    head.train()
    head.requires_grad_()


def _head_name(model: nn.Module) -> str:
    return "classifier" if isinstance(model, EfficientNet) else "fc"


def _head(channels: int, dropout: float, class_count: int) -> nn.Module:
    return nn.Sequential(nn.Dropout(dropout), nn.Linear(channels, class_count))


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
            class_names=config.data.class_names,
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
    config.model.initial_checkpoint = ""
    model = build_classifier(config.model, len(checkpoint.class_names))
    model.load_state_dict(checkpoint.state)
    return model.eval(), config, checkpoint
