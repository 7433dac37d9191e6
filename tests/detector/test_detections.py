import numpy as np

from detector.detections import Detections

FOUND = Detections(
    boxes_xyxy=np.arange(12.0).reshape(3, 4),
    scores=np.array([0.9, 0.5, 0.1]),
    class_indices=np.array([0, 1, 0]),
)


def test_a_lowest_score_is_itself_kept() -> None:
    kept = FOUND.above(0.5)

    assert kept.scores.tolist() == [0.9, 0.5]
    assert kept.class_indices.tolist() == [0, 1]
    assert kept.boxes_xyxy.shape == (2, 4)


def test_rows_are_taken_in_the_order_given() -> None:
    assert FOUND.take(np.array([2, 0])).scores.tolist() == [0.1, 0.9]
