"""The last step before a classifier: the same code in training and inference."""

from torch import Tensor

LOWEST_DEVIATION = 1e-3
"""Never to be changed: all checkpoints learnt from what comes of it."""


def standardise(image: Tensor) -> Tensor:
    """Turn a (1, H, W) uint8 image into (3, H, W) float of mean 0 and deviation 1.

    What is left is the pattern: the film's brightness says more of the scanner than of the lesion.
    """
    values = image.float()
    deviation, mean = values.std(), values.mean()
    return ((values - mean) / (deviation + LOWEST_DEVIATION)).expand(3, -1, -1)
