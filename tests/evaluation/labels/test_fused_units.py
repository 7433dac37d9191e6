from dataclasses import replace

import numpy as np
from made_rows import make_views

from evaluation.labels.classification import group_units
from evaluation.labels.fused_units import with_fused
from evaluation.rows import ViewPredictions
from formats.case_results import BreastResult, CaseResult
from formats.results import Results

VIEWS = replace(
    make_views([0, 0, 0, 1], [0, 0, 1, 2]), breasts=("A_0 LEFT", "A_0 RIGHT", "A_1 LEFT")
)
PREDICTIONS = ViewPredictions(
    label=np.array([0, 1, 2, 0]),
    tumour=np.array([0.25, 0.5, 0.75, 0.125]),
    cancer=np.array([0.125, 0.25, 0.5, 0.0]),
)


def scores(tumour: float, cancer: float) -> dict[str, float]:
    return {"Normal": 1 - tumour, "Benign": tumour - cancer, "Cancer": cancer}


def results(**groups: object) -> Results:
    return Results(method="m", models=[], images=[], **groups)


def test_fused_probabilities_replace_those_of_the_worst_view() -> None:
    breast = BreastResult(
        case_id="A_0", side="LEFT", views=["CC"], label="Benign", scores=scores(0.875, 0.625)
    )
    case = CaseResult(case_id="A_1", sides=["LEFT"], label="Normal", scores=scores(1.0, 0.5))
    before = group_units(VIEWS, PREDICTIONS)
    units = with_fused(before, VIEWS, results(breasts=[breast], cases=[case]))

    assert units["view"] is before["view"]
    assert units["breast"].tumour.tolist() == [0.875, 0.75, 0.125]
    assert units["breast"].cancer.tolist() == [0.625, 0.5, 0.0]
    assert units["patient"].tumour.tolist() == [0.75, 1.0]
    assert units["patient"].cancer.tolist() == [0.5, 0.5]
    assert units["breast"].called.tolist() == before["breast"].called.tolist()


def test_results_without_breasts_stay_as_they_are() -> None:
    before = group_units(VIEWS, PREDICTIONS)
    units = with_fused(before, VIEWS, results())

    for unit in ("breast", "patient"):
        assert units[unit].tumour.tolist() == before[unit].tumour.tolist()
        assert units[unit].cancer.tolist() == before[unit].cancer.tolist()
