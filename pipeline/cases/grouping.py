"""Results of views grouped to breasts and cases."""

from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import replace

import numpy as np

from formats.case_results import BreastResult, CaseResult
from formats.errors import InputError
from formats.labels import LABELS
from formats.results import ImageResult, Results
from pipeline.cases.lesion_pairs import lesion_pairs
from pipeline.cases.view_fusion import ViewFusion, fusion_described

SIDES = ("LEFT", "RIGHT")
VIEWS = ("CC", "MLO")
ViewsOfBreasts = dict[tuple[str, str], dict[str, list[ImageResult]]]
"""By case and side, then by view."""


def with_cases(results: Results) -> Results:
    """Return results with their breasts and cases, fused as they say; without views, as they are.

    A breast with two films of one view is left out, and so is its case: which of them counts is
    not guessed.
    """
    all_breasts = _by_breast(results.images)
    breasts = {key: views for key, views in all_breasts.items() if _is_clear(views)}
    if not breasts:
        return replace(results, breasts=None, cases=None)
    fused = fuse_breasts(breasts, fusion_described(results.fusion))
    unclear = {case_id for case_id, _ in all_breasts.keys() - breasts.keys()}
    return replace(results, breasts=fused, cases=_cases(fused, unclear))


def repeated_views(images: Sequence[ImageResult]) -> list[InputError]:
    """Return an error for each view of a breast that several films claim to be."""
    errors = []
    for (case_id, side), views in _by_breast(images).items():
        for view, films in views.items():
            if len(films) > 1:
                names = ", ".join(film.file_name for film in films)
                errors.append(
                    InputError(
                        f"{names}: all are {case_id} {side} {view}, so this breast is not fused; "
                        "say which film counts with --case-table"
                    )
                )
    return errors


def fuse_breasts(breasts: ViewsOfBreasts, fusion: ViewFusion) -> list[BreastResult]:
    """Fuse each breast's views, one film a view."""
    films = [[views.get(view, [None])[0] for view in VIEWS] for views in breasts.values()]
    tumour, cancer = (
        fusion.fuse(target, np.array([[of(film) for film in pair] for pair in films]))
        for target, of in (("tumour", _tumour), ("cancer", _cancer))
    )
    # Each is fused for itself, but every cancer is a tumour.
    tumour = np.maximum(tumour, cancer)
    return [
        BreastResult(
            case_id=case_id,
            side=side,
            views=[view for view in VIEWS if view in views],
            label=_worst([film.label for film in pair if film is not None]),
            scores=_scores(float(tumour[row]), float(cancer[row])),
            same_lesion=lesion_pairs(*(film for film in pair if film is not None))
            if None not in pair
            else [],
        )
        for row, (((case_id, side), views), pair) in enumerate(
            zip(breasts.items(), films, strict=True)
        )
    ]


def _by_breast(images: Sequence[ImageResult]) -> ViewsOfBreasts:
    """Return the films whose case, side and view are known, in the order of their keys."""
    breasts: ViewsOfBreasts = defaultdict(lambda: defaultdict(list))
    for image in images:
        if image.case_id and image.side in SIDES and image.view in VIEWS:
            breasts[image.case_id, image.side][image.view].append(image)
    return {key: breasts[key] for key in sorted(breasts)}


def _is_clear(views: dict[str, list[ImageResult]]) -> bool:
    return all(len(films) == 1 for films in views.values())


def _cases(breasts: Sequence[BreastResult], unclear: Set[str]) -> list[CaseResult]:
    by_case: dict[str, list[BreastResult]] = defaultdict(list)
    for breast in breasts:
        if breast.case_id not in unclear:
            by_case[breast.case_id].append(breast)
    return [
        CaseResult(
            case_id=case_id,
            sides=[breast.side for breast in both],
            label=_worst([breast.label for breast in both]),
            scores=_scores(
                max(1 - breast.scores["Normal"] for breast in both),
                max(breast.scores["Cancer"] for breast in both),
            ),
        )
        for case_id, both in by_case.items()
    ]


def _tumour(film: ImageResult | None) -> float:
    return np.nan if film is None else 1 - film.scores["Normal"]


def _cancer(film: ImageResult | None) -> float:
    return np.nan if film is None else film.scores["Cancer"]


def _worst(labels: Sequence[str]) -> str:
    return max(labels, key=LABELS.index)


def _scores(tumour: float, cancer: float) -> dict[str, float]:
    return {"Normal": 1 - tumour, "Benign": tumour - cancer, "Cancer": cancer}
