"""The figures that choose a classifier's best epoch."""

from collections.abc import Iterable

import numpy as np
import torch
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from torch import Tensor, nn

LOWEST_PROBABILITY = 1e-30


def classification_figures(
    model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], device: torch.device
) -> dict[str, float]:
    """Return `auc` of the last class against the rest, `mean_auc`, accuracy and cross-entropy."""
    probabilities, truth = _predictions(model, batches, device)
    last_class = probabilities.shape[1] - 1
    aucs = [one_against_rest_auc(truth, probabilities, index) for index in range(last_class + 1)]
    return {
        "auc": aucs[last_class],
        "mean_auc": float(np.mean(aucs)),
        "accuracy": float(accuracy_score(truth, probabilities.argmax(axis=1))),
        "cross_entropy": float(log_loss(truth, probabilities, labels=range(last_class + 1))),
    }


def lesion_figures(
    model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], device: torch.device
) -> dict[str, float]:
    """Return how crops are named: Benign and Cancer are the last two classes.

    `auc` is of cancer against benign on the lesions. Where there is background too, `lesion_auc`
    is of lesions against it and `mean_auc` the mean of both.
    """
    probabilities, truth = _predictions(model, batches, device)
    benign = probabilities.shape[1] - 2
    is_lesion = truth >= benign
    # A lesion that is certainly background has no probability left to divide by.
    named = np.maximum(probabilities[is_lesion, benign:], LOWEST_PROBABILITY)
    auc = one_against_rest_auc(truth[is_lesion] - benign, named / named.sum(axis=1)[:, None], 1)
    loss = float(log_loss(truth, probabilities, labels=range(probabilities.shape[1])))
    if benign == 0:
        return {"auc": auc, "cross_entropy": loss}
    lesion_auc = one_against_rest_auc(truth, probabilities, 0)
    return {
        "auc": auc,
        "lesion_auc": lesion_auc,
        "mean_auc": (auc + lesion_auc) / 2,
        "cross_entropy": loss,
    }


@torch.inference_mode()
def _predictions(
    model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], device: torch.device
) -> tuple[np.ndarray, np.ndarray]:
    """Return (N, C) probabilities and (N,) true class indices."""
    probabilities, truth = [], []
    for crops, class_indices in batches:
        probabilities.append(model(crops.to(device)).float().softmax(dim=1).cpu().numpy())
        truth.append(class_indices.numpy())
    return np.concatenate(probabilities), np.concatenate(truth)


def one_against_rest_auc(truth: np.ndarray, probabilities: np.ndarray, class_index: int) -> float:
    """Return the AUC of one column of (N, C) probabilities for (N,) true classes."""
    is_class = truth == class_index
    if not 0 < is_class.sum() < len(truth):
        # Without both there is nothing to rank: chance.
        return 0.5
    return float(roc_auc_score(is_class, probabilities[:, class_index]))
