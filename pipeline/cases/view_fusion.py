"""From a breast's views to the breast: one probability of whichever of CC and MLO there are."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from scipy.special import expit, logit

from formats.errors import InputError

ALL_BOXES = "all_boxes"
"""In place of an operating point's name: results that list boxes however little they score."""
# A view without a box says that there is little, not that there is nothing.
LOWEST_PROBABILITY, HIGHEST_PROBABILITY = 0.005, 0.995
TARGETS = ("tumour", "cancer")


class FusionMethod(StrEnum):
    """How the probabilities of two views become one."""

    maximum = "maximum"
    noisy_or = "noisy_or"
    fitted = "fitted"


@dataclass(frozen=True, kw_only=True)
class FusionParameters:
    """A fitted fusion: the log-odds of a breast from those of its views.

    `intercept + higher * h + lower * l` of two views, h being the higher and l the lower log-odds,
    and `single_intercept + single_slope * h` of one.
    """

    intercept: float
    higher: float
    lower: float
    single_intercept: float
    single_slope: float


def maximum(views: np.ndarray) -> np.ndarray:
    """Return the (B,) highest probability of (B, 2) views; NaN stands for no view."""
    return np.nanmax(views, axis=1)


def noisy_or(views: np.ndarray) -> np.ndarray:
    """Return the (B,) probability that one of (B, 2) independent views is right."""
    return 1 - np.nanprod(1 - views, axis=1)


def fitted(views: np.ndarray, parameters: FusionParameters) -> np.ndarray:
    """Return the (B,) probability by fitted parameters."""
    log_odds = view_log_odds(views)
    higher, lower = np.nanmax(log_odds, axis=1), np.nanmin(log_odds, axis=1)
    of_two = parameters.intercept + parameters.higher * higher + parameters.lower * lower
    of_one = parameters.single_intercept + parameters.single_slope * higher
    return expit(np.where(np.isnan(views).any(axis=1), of_one, of_two))


def view_log_odds(views: np.ndarray) -> np.ndarray:
    """Return the log-odds of views' probabilities, finite where there is a view."""
    return logit(np.clip(views, LOWEST_PROBABILITY, HIGHEST_PROBABILITY))


class ViewFusion:
    """How tumour and cancer are fused, each by its own method."""

    def __init__(self, parameters: Mapping[str, FusionParameters] | None = None) -> None:
        """Fuse by fitted parameters where there are some, else by the maximum."""
        self._parameters = dict(parameters or {})

    def fuse(self, target: str, views: np.ndarray) -> np.ndarray:
        """Return the (B,) probability of `tumour` or `cancer` from (B, 2) views'."""
        if target in self._parameters:
            return fitted(views, self._parameters[target])
        return maximum(views)

    def described(self) -> dict[str, dict[str, Any]]:
        """Return the method of each target, with its parameters, as the results file names it."""
        return {
            target: {"method": FusionMethod.fitted.value, **asdict(self._parameters[target])}
            if target in self._parameters
            else {"method": FusionMethod.maximum.value}
            for target in TARGETS
        }


MAXIMUM = ViewFusion()


def fusion_described(described: Mapping[str, Mapping[str, Any]] | None) -> ViewFusion:
    """Return the fusion that a results file names; the maximum where it names none.

    Raises:
        InputError: it names a method or parameters that this version does not know.
    """
    parameters = {}
    for target, said in (described or {}).items():
        numbers = dict(said)
        method = numbers.pop("method", None)
        if target not in TARGETS or method not in (FusionMethod.maximum, FusionMethod.fitted):
            raise InputError(
                f"fusion of {target!r} by {method!r} is unknown to this version; use the one that "
                "wrote the results"
            )
        if method == FusionMethod.fitted:
            parameters[target] = parameters_of(numbers)
    return ViewFusion(parameters)


def fusion_of_checkpoint(
    saved: Mapping[str, Mapping[str, Mapping[str, float]]], listed_from: str
) -> ViewFusion:
    """Return the fusion for results of an operating point, or of `ALL_BOXES`."""
    targets = saved.get(listed_from, {})
    return ViewFusion({target: parameters_of(numbers) for target, numbers in targets.items()})


def parameters_of(numbers: Mapping[str, float]) -> FusionParameters:
    """Return a fusion's parameters from what is saved of them.

    Raises:
        InputError: some are missing, or unknown.
    """
    try:
        return FusionParameters(**{name: float(value) for name, value in numbers.items()})
    except (TypeError, ValueError) as error:
        raise InputError(f"parameters of a fusion are not as they are saved ({error})") from error
