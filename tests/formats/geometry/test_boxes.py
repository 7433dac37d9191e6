import numpy as np
import pytest

from formats.geometry.boxes import (
    UNPAIRED,
    area_xyxy,
    clip_xyxy,
    iou_xyxy,
    pair_greedily,
    part_inside_xyxy,
    xywh_to_xyxy,
    xyxy_to_xywh,
)


def test_layouts_convert_into_each_other() -> None:
    boxes_xywh = np.array([[3, 5, 1, 1], [0, 0, 10, 20.5]])

    assert xywh_to_xyxy(boxes_xywh).tolist() == [[3, 5, 4, 6], [0, 0, 10, 20.5]]
    np.testing.assert_array_equal(xyxy_to_xywh(xywh_to_xyxy(boxes_xywh)), boxes_xywh)


def test_no_boxes_are_still_four_columns() -> None:
    assert xywh_to_xyxy(np.array([])).shape == (0, 4)
    assert iou_xyxy(np.empty((0, 4)), np.ones((3, 4))).shape == (0, 3)


def test_clipping_keeps_what_is_inside_and_leaves_the_given_boxes_alone() -> None:
    boxes = np.array([[-5.0, 2, 8, 300], [50, 50, 60, 60]])
    clipped = clip_xyxy(boxes, height_px=20, width_px=10)

    assert clipped.tolist() == [[0, 2, 8, 20], [10, 20, 10, 20]]
    assert area_xyxy(clipped).tolist() == [144, 0]
    assert boxes[0, 0] == -5


def test_overlap_by_hand() -> None:
    first = np.array([[0, 0, 10, 10.0]])
    second = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [10, 0, 20, 10], [3, 3, 3, 3.0]])

    assert iou_xyxy(first, second)[0] == pytest.approx([1, 50 / 150, 0, 0])


def test_a_part_inside_is_of_the_box_and_not_of_the_region() -> None:
    boxes = np.array([[0.0, 0, 10, 10], [30, 30, 40, 40], [5, 5, 5, 5], [6, 6, 6.5, 7]])
    regions = np.array([[5.0, 0, 100, 100]])

    assert part_inside_xyxy(boxes, regions).tolist() == [[0.5], [1.0], [0.0], [1.0]]


def test_each_row_takes_the_free_column_that_it_overlaps_most() -> None:
    overlaps = np.array([[0.6, 0.9], [0.2, 0.8], [0.7, 0.1], [0.6, 0.6]])

    assert pair_greedily(overlaps, 0.5).tolist() == [1, UNPAIRED, 0, UNPAIRED]
    assert overlaps.max() == 0.9


@pytest.mark.parametrize("shape", [(0, 3), (2, 0)])
def test_nothing_pairs_with_nothing(shape: tuple[int, int]) -> None:
    assert pair_greedily(np.zeros(shape), 0.5).tolist() == [UNPAIRED] * shape[0]
