"""Means of figures of which some are not defined."""

import numpy as np


def mean_of_defined(values: np.ndarray) -> np.ndarray:
    """Return the (R,) means over the columns of (R, K) values that are no NaN; NaN of none."""
    defined = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(defined, values, 0).sum(axis=1) / defined.sum(axis=1)
