"""One whole-image network with three classes."""

from collections.abc import Sequence

import numpy as np

from classifier.whole_image.predictor import WholeImagePredictor
from formats.labels import LABELS


def classify_single(
    network: WholeImagePredictor, films: Sequence[np.ndarray]
) -> tuple[np.ndarray, list[str]]:
    """Classify N (H, W) films.

    Returns:
        (N, 3) probabilities of Normal, Benign and Cancer, and the most probable label of each film.
    """
    probabilities = network.probabilities(films)
    return probabilities, [LABELS[index] for index in probabilities.argmax(axis=1)]
