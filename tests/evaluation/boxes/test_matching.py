import numpy as np
import pytest
from made_rows import make_detections, make_lesions

from evaluation.boxes.matching import UNMATCHED, OverlappingPairs, match_greedily, overlapping_pairs
from evaluation.rows import DetectionRows, LesionRows

LESION = (10, 10, 10, 10)


def match(
    detections: DetectionRows,
    lesions: LesionRows,
    threshold: float,
    ignored: list[bool] | None = None,
) -> list[int]:
    pairs = overlapping_pairs(detections, lesions).from_iou(threshold)
    is_ignored = np.array(ignored if ignored is not None else lesions.is_crowd)
    return match_greedily(pairs, detections, lesions, is_ignored).tolist()


def test_overlaps_and_centres_counted_by_hand() -> None:
    lesions = make_lesions([1], [LESION])
    detections = make_detections(
        [0, 1, 1, 1, 1],
        # In another view; the lesion itself; half of it; beside it; around it, middle at its edge.
        [LESION, LESION, (10, 10, 5, 10), (20, 10, 5, 5), (10, 10, 20, 10)],
        [0.5] * 5,
    )
    pairs = overlapping_pairs(detections, lesions)

    assert pairs.detection.tolist() == [1, 2, 4]
    assert pairs.iou.tolist() == [1.0, 0.5, 0.5]
    assert pairs.is_centre_inside.tolist() == [True, True, True]
    assert pairs.from_iou(0.5).detection.tolist() == [1, 2, 4]
    assert pairs.from_iou(0.51).detection.tolist() == [1]


def test_middle_outside_is_no_hit_by_centre() -> None:
    pairs = overlapping_pairs(
        make_detections([0, 0], [(12, 10, 17, 10), (10, 10, 21, 10)], [0.5, 0.5]),
        make_lesions([0], [LESION]),
    )

    assert pairs.with_centre_inside().detection.tolist() == []
    assert len(pairs.detection) == 2


@pytest.mark.parametrize(
    ("middle_xy", "is_inside"),
    [
        ((10, 15), True),
        ((20, 15), True),
        ((15, 10), True),
        ((15, 20), True),
        ((9.5, 15), False),
        ((20.5, 15), False),
        ((15, 9.5), False),
        ((15, 20.5), False),
    ],
)
def test_a_middle_on_any_edge_is_inside_and_beyond_any_is_not(
    middle_xy: tuple[float, float], is_inside: bool
) -> None:
    box = (middle_xy[0] - 3, middle_xy[1] - 4, 6, 8)
    found = overlapping_pairs(make_detections([0], [box], [0.5]), make_lesions([0], [LESION]))
    around = overlapping_pairs(make_detections([0], [LESION], [0.5]), make_lesions([0], [box]))

    assert found.is_centre_inside.tolist() == around.is_centre_around.tolist() == [is_inside]


def test_what_is_kept_knows_where_its_middles_lie() -> None:
    pairs = OverlappingPairs(
        detection=np.arange(3),
        lesion=np.arange(3),
        iou=np.array([0.4, 0.5, 1 - 1e-11]),
        is_centre_inside=np.array([True, False, True]),
        is_centre_around=np.array([False, True, False]),
    )
    kept = pairs.from_iou(0.5)

    assert kept.is_centre_inside.tolist() == [False, True]
    assert kept.is_centre_around.tolist() == [True, False]
    # Rounding does not cost a box that is the lesion's own.
    assert pairs.from_iou(1.0).detection.tolist() == [2]


def test_the_best_score_takes_the_lesion_and_the_second_box_gets_nothing() -> None:
    detections = make_detections([0, 0], [LESION, (10, 10, 10, 9)], [0.3, 0.8])

    assert match(detections, make_lesions([0], [LESION]), 0.5) == [UNMATCHED, 0]


def test_each_box_takes_the_free_lesion_that_it_overlaps_most() -> None:
    lesions = make_lesions([0, 0], [(0, 0, 10, 10), (2, 0, 10, 10)])
    detections = make_detections([0, 0], [(2, 0, 10, 10), (3, 0, 10, 10)], [0.9, 0.8])

    # IoU 1 with the second; the other is left with the first, IoU 7 / 13.
    assert match(detections, lesions, 0.5) == [1, 0]
    assert match(detections, lesions, 0.6) == [1, UNMATCHED]


def test_of_equal_overlaps_the_last_listed_wins() -> None:
    lesions = make_lesions([0, 0], [LESION, LESION])

    assert match(make_detections([0], [LESION], [0.5]), lesions, 0.5) == [1]


def test_of_equal_scores_the_first_listed_comes_first() -> None:
    detections = make_detections([0, 0], [LESION, LESION], [0.5, 0.5])

    assert match(detections, make_lesions([0], [LESION]), 0.5) == [0, UNMATCHED]


def test_an_ignored_lesion_is_taken_only_when_no_other_is_left() -> None:
    lesions = make_lesions([0, 0], [LESION, (10, 10, 10, 8)])
    detections = make_detections([0, 0, 0], [LESION] * 3, [0.9, 0.8, 0.7])

    assert match(detections, lesions, 0.5, [True, False]) == [1, 0, UNMATCHED]


def test_a_crowd_takes_many() -> None:
    lesions = make_lesions([0], [(0, 0, 50, 50)], crowd=[True])
    detections = make_detections([0, 0], [LESION, LESION], [0.9, 0.8])

    # Overlap with a crowd is over the detection's area.
    assert match(detections, lesions, 0.9) == [0, 0]


@pytest.mark.parametrize("side", ["detections", "lesions"])
def test_nothing_matches_nothing(side: str) -> None:
    detections = (
        make_detections([], [], []) if side == "detections" else make_detections([0], [LESION], [1])
    )
    lesions = make_lesions([], []) if side == "lesions" else make_lesions([0], [LESION])
    pairs = overlapping_pairs(detections, lesions)

    assert isinstance(pairs, OverlappingPairs)
    assert match(detections, lesions, 0.5) == [UNMATCHED] * len(detections.view)
