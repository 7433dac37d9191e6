import numpy as np
import pytest
from made_rows import make_detections, make_lesions, make_views, random_rows

from evaluation.boxes.froc import (
    ALL_LESIONS,
    CENTRE,
    CRITERIA,
    FROC_RATES,
    IOU_20,
    IOU_50,
    MEAN_OVER_RATES,
    PER_BREAST,
    PER_VIEW,
    Froc,
    froc_curve,
    lesion_groups,
    match_by,
    rank_for_froc,
    sensitivities,
)
from evaluation.boxes.matching import UNMATCHED
from evaluation.figure_keys import rate_key
from evaluation.rows import DetectionRows, LesionRows, ViewRows

HERE = (10, 10, 20, 20)
FAR = (60, 60, 20, 20)


def froc_of(
    views: ViewRows, lesions: LesionRows, detections: DetectionRows, criterion: str = IOU_50
) -> Froc:
    match = match_by(criterion, detections, lesions)
    return rank_for_froc(views, lesions, detections, match, lesion_groups(views, lesions))


def at(froc: Froc, unit: str, group: str, rate: str, weights: np.ndarray | None = None) -> float:
    once = np.ones((1, len(froc.view_count))) if weights is None else weights[None]
    return float(sensitivities(froc, once)[unit, group, rate][0])


def test_counted_by_hand() -> None:
    # Two breasts of two views each; the second breast is found in its second view alone.
    views = make_views([0, 0, 1, 1], breast=[0, 0, 1, 1])
    lesions = make_lesions([0, 1, 2, 3], [HERE] * 4, label=[1, 1, 2, 2])
    detections = make_detections(
        [0, 1, 1, 2, 2, 3],
        [HERE, FAR, HERE, FAR, FAR, HERE],
        # Best first: hit, false, hit, false, hit, false.
        [0.9, 0.8, 0.7, 0.6, 0.4, 0.5],
    )
    froc = froc_of(views, lesions, detections)

    # 1/8 and 1/4 of 4 views allow 0 and 1 false positives.
    assert at(froc, PER_VIEW, ALL_LESIONS, "at_0_125_fp") == 1 / 4
    assert at(froc, PER_VIEW, ALL_LESIONS, "at_0_25_fp") == 2 / 4
    assert at(froc, PER_VIEW, ALL_LESIONS, "at_0_5_fp") == 3 / 4
    assert at(froc, PER_VIEW, ALL_LESIONS, "at_8_fp") == 3 / 4
    assert at(froc, PER_VIEW, ALL_LESIONS, MEAN_OVER_RATES) == pytest.approx(
        (1 + 2 + 5 * 3) / 4 / 7
    )
    assert at(froc, PER_BREAST, ALL_LESIONS, "at_0_25_fp") == 1 / 2
    assert at(froc, PER_BREAST, ALL_LESIONS, "at_0_5_fp") == 1
    assert at(froc, PER_VIEW, "benign", "at_0_25_fp") == 1
    assert at(froc, PER_VIEW, "cancer", "at_0_5_fp") == 1 / 2
    # With the second patient twice: 6 views, 2 lesions and 4.
    twice = np.array([1.0, 2.0])
    assert at(froc, PER_VIEW, ALL_LESIONS, "at_0_5_fp", twice) == (2 + 2 * 1) / 6


def test_a_false_positive_with_the_score_of_a_hit_counts_before_it() -> None:
    lesions = make_lesions([0], [HERE])
    tied = make_detections([0, 1], [HERE, FAR], [0.5, 0.5])
    clear = make_detections([0, 1], [HERE, FAR], [0.5, 0.4])

    assert at(froc_of(make_views([0, 1]), lesions, tied), PER_VIEW, ALL_LESIONS, "at_0_25_fp") == 0
    assert at(froc_of(make_views([0, 1]), lesions, clear), PER_VIEW, ALL_LESIONS, "at_0_25_fp") == 1


def test_a_second_box_on_a_lesion_is_false_and_one_on_a_crowd_is_nothing() -> None:
    views = make_views([0])
    boxes = make_detections([0, 0, 0], [HERE, HERE, (61, 61, 5, 5)], [0.9, 0.8, 0.7])
    crowded = make_lesions([0, 0], [HERE, FAR], crowd=[False, True])
    froc = froc_of(views, crowded, boxes)

    assert len(froc.ranking.hit_patient) == 1
    assert at(froc, PER_VIEW, ALL_LESIONS, "at_0_125_fp") == 1
    later = make_detections([0, 0, 0], [HERE, HERE, FAR], [0.9, 0.8, 0.7])
    both = make_lesions([0, 0], [HERE, FAR])
    assert at(froc_of(views, both, later), PER_VIEW, ALL_LESIONS, "at_0_5_fp") == 1 / 2
    assert at(froc_of(views, both, later), PER_VIEW, ALL_LESIONS, "at_1_fp") == 1


@pytest.mark.parametrize(("criterion", "found"), [(IOU_50, 0), (IOU_20, 1), (CENTRE, 1)])
def test_criteria(criterion: str, found: int) -> None:
    # A quarter of the lesion, in its corner: IoU 0.25.
    detections = make_detections([0], [(10, 10, 10, 10)], [0.9])
    froc = froc_of(make_views([0]), make_lesions([0], [HERE]), detections, criterion)

    assert at(froc, PER_VIEW, ALL_LESIONS, "at_1_fp") == found


@pytest.mark.parametrize(
    ("width_px", "by_iou_50", "by_iou_20"), [(5.0, 0, 0), (4.9, -1, 0), (2.0, -1, 0), (1.9, -1, -1)]
)
def test_boxes_hit_from_half_and_from_a_fifth_of_the_lesion_on(
    width_px: float, by_iou_50: int, by_iou_20: int
) -> None:
    lesions = make_lesions([0], [(10, 10, 10, 10)])
    detections = make_detections([0], [(10, 10, width_px, 10)], [0.5])

    assert match_by(IOU_50, detections, lesions).tolist() == [by_iou_50]
    assert match_by(IOU_20, detections, lesions).tolist() == [by_iou_20]


def test_groups() -> None:
    views = make_views([0, 1])
    views.density[:] = [2, 0]
    boxes = [(0, 0, 5, 5), (0, 0, 8, 8), (0, 0, 30, 30)]
    lesions = make_lesions(
        [0, 1, 1], boxes, [1, 2, 2], kind=["MASS", "CALCIFICATION", "mass, calc"]
    )
    groups = {name: mask.tolist() for name, mask in lesion_groups(views, lesions).items()}

    assert groups["benign"] == [True, False, False]
    assert groups["small"] == [True, False, False]
    assert groups["medium"] == [False, True, False]
    assert groups["large"] == [False, False, True]
    assert groups["mass"] == [True, False, True]
    assert groups["calcification"] == [False, True, True]
    assert groups["density_2"] == [True, False, False]
    assert groups["density_1"] == [False] * 3


def test_a_group_without_lesions_is_undefined() -> None:
    froc = froc_of(make_views([0]), make_lesions([0], [HERE]), make_detections([0], [HERE], [1]))

    assert np.isnan(at(froc, PER_VIEW, "density_4", "at_1_fp"))


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_a_brute_force_count(seed: int, criterion: str) -> None:
    views, lesions, detections = random_rows(seed, digits=1)
    weights = np.random.default_rng(seed).integers(0, 4, len(views.patients)).astype(float)
    froc = froc_of(views, lesions, detections, criterion)
    match = match_by(criterion, detections, lesions)

    for rate in FROC_RATES:
        for unit in (PER_VIEW, PER_BREAST):
            expected = brute_force(views, lesions, detections, match, weights, rate, unit)
            assert at(froc, unit, ALL_LESIONS, rate_key(rate), weights) == expected


def brute_force(
    views: ViewRows,
    lesions: LesionRows,
    detections: DetectionRows,
    match: np.ndarray,
    weights: np.ndarray,
    rate: float,
    unit: str,
) -> float:
    """Try every threshold and count."""
    best = 0.0
    for threshold in np.unique(detections.score):
        false, found = 0.0, set()
        for row, lesion in enumerate(match):
            if detections.score[row] < threshold:
                continue
            if lesion == UNMATCHED:
                false += weights[views.patient[detections.view[row]]]
            elif not lesions.is_crowd[lesion]:
                found.add(int(lesion))
        if false > rate * weights[views.patient].sum():
            continue
        hits = total = 0.0
        targets: dict[int, list[int]] = {}
        for lesion in np.flatnonzero(~lesions.is_crowd):
            view = lesions.view[lesion]
            name = int(lesion if unit == PER_VIEW else views.breast[view])
            targets.setdefault(name, []).append(int(lesion))
        for members in targets.values():
            weight = weights[views.patient[lesions.view[members[0]]]]
            total += weight
            hits += weight * bool(found & set(members))
        best = max(best, hits / total)
    return best


def test_curve_ends_at_all_that_is_found() -> None:
    lesions = make_lesions([0, 1], [HERE, HERE])
    detections = make_detections([0, 0, 1], [HERE, FAR, HERE], [0.9, 0.8, 0.7])
    rates, found = froc_curve(
        froc_of(make_views([0, 1]), lesions, detections), PER_VIEW, ALL_LESIONS
    )

    assert rates.tolist() == [0.0, 0.5]
    assert found.tolist() == [0.5, 1.0]
