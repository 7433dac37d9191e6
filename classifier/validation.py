"""The figures that choose a classifier's best epoch."""

from collections.abc import Iterable

import numpy as np
import torch
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from torch import Tensor, nn


@torch.inference_mode()
def classification_figures(
    model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], device: torch.device
) -> dict[str, float]:
    """Return AUC of the last class against the rest, accuracy and cross-entropy."""
    logits, labels = [], []
    for crops, class_indices in batches:
        logits.append(model(crops.to(device)).float().softmax(dim=1).cpu().numpy())
        labels.append(class_indices.numpy())
    probabilities, truth = np.concatenate(logits), np.concatenate(labels)
    last_class = probabilities.shape[1] - 1
    is_last = truth == last_class
    both = 0 < is_last.sum() < len(truth)
    return {
        # Without both classes there is nothing to rank: chance.
        "auc": float(roc_auc_score(is_last, probabilities[:, last_class])) if both else 0.5,
        "accuracy": float(accuracy_score(truth, probabilities.argmax(axis=1))),
        "cross_entropy": float(log_loss(truth, probabilities, labels=range(last_class + 1))),
    }
