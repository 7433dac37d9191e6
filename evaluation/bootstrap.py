"""Intervals from resampling patients, for anything that can be computed from patient weights."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from formats.progress import with_progress

CONFIDENCE = 0.95
# Keep the arrays of one round, resamples by patients or by hits, to some ten megabytes.
RESAMPLES_AT_ONCE = 200
WEIGHTS_AT_ONCE = 1_000_000

Key = TypeVar("Key")


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number and its 95 % interval; None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None


def resampled_weights(patient_count: int, resamples: int, seed: int) -> np.ndarray:
    """Return (1 + resamples, P) weights: all 1, then how often each resample drew each patient.

    The draws are those of `scipy.stats.bootstrap` with the same generator.
    """
    random = np.random.default_rng(seed)
    weights = np.ones((1 + resamples, patient_count))
    for row in range(1, 1 + resamples):
        drawn = random.integers(0, patient_count, patient_count)
        weights[row] = np.bincount(drawn, minlength=patient_count)
    return weights


def replicate(
    measure: Callable[[np.ndarray], dict[Key, np.ndarray]], weights: np.ndarray, description: str
) -> dict[Key, np.ndarray]:
    """Measure under all (R, P) weights, some at a time, and return (R,) numbers by key."""
    at_once = min(RESAMPLES_AT_ONCE, max(1, WEIGHTS_AT_ONCE // weights.shape[1]))
    starts = range(0, len(weights), at_once)
    rounds = [
        measure(weights[start : start + at_once])
        for start in with_progress(starts, description, unit="round")
    ]
    return {key: np.concatenate([numbers[key] for numbers in rounds]) for key in rounds[0]}


def estimate(replicates: np.ndarray) -> Estimate:
    """Read value and percentile interval off (R,) numbers, the first from the data as they are.

    Resamples in which the number is not defined are left out.
    """
    value, resampled = replicates[0], replicates[1:]
    resampled = resampled[np.isfinite(resampled)]
    if not np.isfinite(value) or not len(resampled):
        defined = float(value) if np.isfinite(value) else None
        return Estimate(value=defined, low=None, high=None)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return Estimate(value=float(value), low=float(low), high=float(high))
