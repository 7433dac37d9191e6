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
    """Return `auc` of the last class against the rest, `mean_auc`, accuracy and cross-entropy."""
    logits, labels = [], []
    for crops, class_indices in batches:
        logits.append(model(crops.to(device)).float().softmax(dim=1).cpu().numpy())
        labels.append(class_indices.numpy())
    probabilities, truth = np.concatenate(logits), np.concatenate(labels)
    last_class = probabilities.shape[1] - 1
    aucs = [one_against_rest_auc(truth, probabilities, index) for index in range(last_class + 1)]
    return {
        "auc": aucs[last_class],
        "mean_auc": float(np.mean(aucs)),
        "accuracy": float(accuracy_score(truth, probabilities.argmax(axis=1))),
        "cross_entropy": float(log_loss(truth, probabilities, labels=range(last_class + 1))),
    }


def one_against_rest_auc(truth: np.ndarray, probabilities: np.ndarray, class_index: int) -> float:
    """Return the AUC of one column of (N, C) probabilities for (N,) true classes."""
    is_class = truth == class_index
    if not 0 < is_class.sum() < len(truth):
        # Without both there is nothing to rank: chance.
        return 0.5
    return float(roc_auc_score(is_class, probabilities[:, class_index]))
