"""Breasts and patients by the probabilities that a method itself fused over their views."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from evaluation.labels.classification import Units
from evaluation.rows import ViewRows, breast_name
from formats.results import Results


def with_fused(units: Mapping[str, Units], views: ViewRows, results: Results) -> dict[str, Units]:
    """Put a method's fused probabilities in the place of the worst view's.

    A breast or patient of which the method says nothing keeps its worst view's.
    """
    fused_breasts = {breast_name(b.case_id, b.side): b.scores for b in results.breasts or []}
    fused_cases = {case.case_id: case.scores for case in results.cases or []}
    return {
        **units,
        "breast": _replaced(units["breast"], views.breasts, fused_breasts),
        "patient": _replaced(units["patient"], views.patients, fused_cases),
    }


def _replaced(
    units: Units, names: tuple[str, ...], fused: Mapping[str, Mapping[str, float]]
) -> Units:
    tumour, cancer = units.tumour.copy(), units.cancer.copy()
    for place, name in enumerate(names):
        if name in fused:
            tumour[place] = 1 - fused[name]["Normal"]
            cancer[place] = fused[name]["Cancer"]
    return replace(units, tumour=tumour, cancer=np.minimum(cancer, tumour))
