"""The temperature that makes a classifier's probabilities honest.

Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
"""

import logging

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.model_selection import GroupKFold

logger = logging.getLogger(__name__)

TEMPERATURE_BOUNDS = (0.2, 10.0)
FOLDS = 5
UNCHANGED = 1.0


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return what (N, C) logits are best divided by, given their (N,) true classes.

    It minimises the cross-entropy. Lesions of one class only cannot say how often the other is
    taken for it: the surer, the better, without end. The temperature stays at 1 then.
    """
    if len(np.unique(labels)) < 2:
        return UNCHANGED

    def cross_entropy(log_temperature: float) -> float:
        log_probabilities = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -float(log_probabilities[np.arange(len(labels)), labels].mean())

    bounds = tuple(np.log(TEMPERATURE_BOUNDS))
    return float(np.exp(minimize_scalar(cross_entropy, bounds=bounds, method="bounded").x))


def held_out_probabilities(
    logits: np.ndarray, labels: np.ndarray, patients: np.ndarray
) -> np.ndarray:
    """Return (N, C) probabilities, each at the temperature that other patients' lesions give.

    Args:
        logits: (N, C).
        labels: (N,) true classes.
        patients: (N,) of each lesion; those of one patient are held out together.
    """
    probabilities = softmax(logits, axis=1)
    folds = min(FOLDS, len(np.unique(patients)))
    if folds < 2:
        return probabilities
    for rest, held_out in GroupKFold(folds).split(logits, labels, patients):
        temperature = fit_temperature(logits[rest], labels[rest])
        probabilities[held_out] = softmax(logits[held_out] / temperature, axis=1)
    return probabilities
