"""What the training of a classifier minimises."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from classifier.crops.distillation import feature_distance
from classifier.model import ImageClassifier


def classification_loss(
    model: nn.Module,
    batch: tuple[Tensor, Tensor],
    device: torch.device,
    weights: Tensor | None,
    label_smoothing: float,
) -> dict[str, Tensor]:
    """Return the cross-entropy of one batch."""
    crops, class_indices = (part.to(device) for part in batch)
    loss = F.cross_entropy(model(crops), class_indices, weights, label_smoothing=label_smoothing)
    return {"cross_entropy": loss}


def distillation_losses(
    model: nn.Module,
    teacher: ImageClassifier,
    batch: tuple[Tensor, Tensor],
    device: torch.device,
    weights: Tensor | None,
    label_smoothing: float,
    teacher_weight: float,
) -> dict[str, Tensor]:
    """Return the cross-entropy of one batch, and the weighted distance from a teacher's features.

    The model is a `DistilledClassifier`, possibly wrapped for several processes.
    """
    crops, class_indices = (part.to(device) for part in batch)
    logits, projected = model(crops)
    loss = F.cross_entropy(logits, class_indices, weights, label_smoothing=label_smoothing)
    distance = feature_distance(projected, teacher, crops)
    return {"cross_entropy": loss, "feature_distance": teacher_weight * distance}
