"""From a configuration to the network that both classifiers are."""

from pathlib import Path

from torch import Tensor, nn

from classifier.config import ClassifierModel
from training.networks.backbones import Body, build_body, freeze_blocks, set_training_mode
from training.networks.network_file import fill_from_checkpoint
from training.saving.checkpoint import load_checkpoint

KIND = "classifier"
HEAD = "head."


class ImageClassifier(nn.Module):
    """From (B, 3, H, W) standardised images to (B, class_count) logits: a body, then a head."""

    def __init__(self, body: Body, head: nn.Module) -> None:
        super().__init__()
        self.body: Body = body
        self.head = head

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        return self.logits(self.feature_map(images))

    def feature_map(self, images: Tensor) -> Tensor:
        """Return the (B, C, H / 32, W / 32) features before they are pooled."""
        return self.body.forward_features(images)

    def logits(self, feature_map: Tensor) -> Tensor:
        """Return the logits that the network gives to its own feature map."""
        return self.head(self.body.forward_head(feature_map))


def build_classifier(config: ClassifierModel, class_count: int) -> ImageClassifier:
    """Build a classifier with one dense layer behind its body.

    Raises:
        InputError: an unknown architecture, or weights that cannot be had or do not fit.
    """
    body = build_body(config.architecture, config.weights, config.activation)
    freeze_blocks(body, config.architecture, config.frozen_blocks)
    head = nn.Sequential(nn.Dropout(config.dropout), nn.Linear(body.head_hidden_size, class_count))
    model = ImageClassifier(body, head)
    if config.initial_checkpoint:
        settings = {"model.activation": config.activation}
        path = Path(config.initial_checkpoint)
        fill_from_checkpoint(model, load_checkpoint(path, KIND), path, HEAD, settings)
    return model


def set_classifier_mode(model: ImageClassifier, config: ClassifierModel, epoch: int) -> None:
    """Put the classifier into the training mode of an epoch from 0: at first the head alone."""
    model.requires_grad_()
    if epoch < config.frozen_epochs:
        model.body.requires_grad_(False)
    freeze_blocks(model.body, config.architecture, config.frozen_blocks)
    set_training_mode(model, config.batch_norm)
