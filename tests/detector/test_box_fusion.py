import numpy as np
import pytest

from detector.box_fusion import fuse
from detector.detections import Detections


def found(*rows: tuple[list[float], float, int]) -> Detections:
    return Detections(
        boxes_xyxy=np.array([box for box, _, _ in rows], dtype=np.float64).reshape(-1, 4),
        scores=np.array([score for _, score, _ in rows], dtype=np.float64),
        class_indices=np.array([class_index for _, _, class_index in rows], dtype=np.int64),
    )


def test_overlapping_boxes_become_their_weighted_mean() -> None:
    fused = fuse(found(([0, 0, 10, 10], 0.9, 1)), found(([0, 0, 10, 8], 0.3, 1)), 0.5)

    assert fused.boxes_xyxy[0] == pytest.approx([0, 0, 10, 9.5])
    assert fused.scores == pytest.approx([0.6])


def test_box_that_only_one_has_keeps_half_its_score_and_the_best_comes_first() -> None:
    first = found(([0, 0, 10, 10], 0.4, 1))
    second = found(([50, 50, 60, 60], 0.8, 1))

    fused = fuse(first, second, 0.5)

    assert fused.scores == pytest.approx([0.4, 0.2])
    assert fused.boxes_xyxy.tolist() == [[50, 50, 60, 60], [0, 0, 10, 10]]


def test_a_list_of_a_smaller_share_moves_boxes_and_scores_less() -> None:
    first = found(([0, 0, 10, 10], 0.6, 1), ([50, 50, 60, 60], 0.4, 1))
    second = found(([0, 0, 10, 8], 0.6, 1), ([80, 80, 90, 90], 0.8, 1))

    fused = fuse(first, second, 0.5, second_share=0.25)

    assert fused.scores == pytest.approx([0.6, 0.3, 0.2])
    assert fused.boxes_xyxy[0] == pytest.approx([0, 0, 10, 9.5])


def test_what_overlaps_less_than_asked_for_stays_apart() -> None:
    boxes = found(([0, 0, 10, 10], 0.8, 1)), found(([0, 0, 10, 8], 0.4, 1))

    assert len(fuse(*boxes, same_box_iou=0.79).scores) == 1
    assert len(fuse(*boxes, same_box_iou=0.81).scores) == 2


def test_boxes_of_other_classes_stay_apart() -> None:
    fused = fuse(found(([0, 0, 10, 10], 0.8, 1)), found(([0, 0, 10, 10], 0.4, 2)), 0.5)

    assert sorted(zip(fused.class_indices.tolist(), fused.scores.tolist(), strict=True)) == [
        (1, 0.4),
        (2, 0.2),
    ]


def test_each_box_is_merged_once_and_with_the_best_first() -> None:
    first = found(([0, 0, 10, 10], 0.9, 1), ([0, 0, 10, 9], 0.5, 1))
    second = found(([0, 0, 10, 10], 0.7, 1))

    assert fuse(first, second, 0.5).scores == pytest.approx([0.8, 0.25])


def test_boxes_of_no_score_are_no_error() -> None:
    fused = fuse(found(([0, 0, 10, 10], 0, 1)), found(([0, 0, 10, 8], 0, 1)), 0.5)

    assert fused.boxes_xyxy[0] == pytest.approx([0, 0, 10, 9])
    assert fused.scores.tolist() == [0]


@pytest.mark.parametrize("has_boxes", [False, True])
def test_an_empty_side_is_no_error(has_boxes: bool) -> None:
    other = found(([0, 0, 10, 10], 0.8, 1)) if has_boxes else found()

    for fused in (fuse(found(), other, 0.5), fuse(other, found(), 0.5)):
        assert fused.boxes_xyxy.shape == (int(has_boxes), 4)
        assert fused.scores.tolist() == [0.4] * has_boxes
