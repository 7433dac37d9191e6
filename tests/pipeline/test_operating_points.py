import numpy as np
import pytest
from made_rows import make_lesions

from formats.errors import InputError
from formats.results import Detection, ImageResult
from pipeline.operating_points import (
    MatchedScores,
    match_scores,
    operating_curve,
    operating_point,
    operating_points,
    operating_score,
)

BoxXyxy = tuple[float, float, float, float]


def result(*found: tuple[BoxXyxy, float]) -> ImageResult:
    labels = {"Benign": 1.0, "Cancer": 0.0}
    detections = [
        Detection(bbox_xyxy=box, score=score, label="Benign", label_scores=labels)
        for box, score in found
    ]
    return ImageResult(
        file_name="f.png", width=100, height=100, label="Benign", scores={}, detections=detections
    )


def test_each_lesion_is_hit_once_and_by_the_best_box() -> None:
    lesions = make_lesions([0, 0], [(0, 0, 10, 10), (20, 20, 10, 11)])
    boxes = [(0, 0, 10, 10), (0, 0, 10, 9), (50, 50, 60, 60), (20, 20, 30, 30)]

    scores = match_scores(lesions, [result(*zip(boxes, [0.9, 0.8, 0.7, 0.6], strict=True))])

    assert scores.on_lesions.tolist() == [0.9, 0.6]
    assert scores.elsewhere.tolist() == [0.8, 0.7]
    assert (scores.lesion_count, scores.image_count) == (2, 1)


def test_without_lesions_every_box_is_false() -> None:
    scores = match_scores(make_lesions([], []), [result(((0, 0, 9, 9), 0.4))])

    assert (scores.on_lesions.tolist(), scores.elsewhere.tolist()) == ([], [0.4])


def test_a_box_on_a_crowd_region_is_neither_hit_nor_false_positive() -> None:
    lesions = make_lesions([0, 1], [(0, 0, 50, 50), (60, 60, 10, 10)], crowd=[True, False])
    on_crowd = [((5, 5, 15, 15), 0.9), ((20, 20, 30, 30), 0.8)]
    images = [result(*on_crowd), result(((60, 60, 70, 70), 0.7), ((0, 0, 9, 9), 0.6))]

    scores = match_scores(lesions, images)

    assert scores.on_lesions.tolist() == [0.7]
    assert scores.elsewhere.tolist() == [0.6]
    assert scores.lesion_count == 1
    # One false positive in two images is just allowed: every lesion is found.
    assert operating_points(scores)["balanced"].sensitivity == 1


def test_operating_point_by_hand() -> None:
    scores = MatchedScores(
        on_lesions=np.array([0.9, 0.35, 0.5]),
        elsewhere=np.array([0.8, 0.4, 0.3, 0.2]),
        lesion_count=5,
        image_count=4,
    )
    point = operating_point(scores, false_positives_per_image=0.5)

    assert point.score == pytest.approx(0.3)
    assert point.score > 0.3
    assert point.sensitivity == pytest.approx(3 / 5)
    assert point.false_positives_per_image == 0.5


def test_few_false_positives_allow_every_score() -> None:
    scores = MatchedScores(
        on_lesions=np.array([0.1]), elsewhere=np.array([0.2]), lesion_count=1, image_count=1
    )
    point = operating_point(scores, false_positives_per_image=1)

    assert (point.score, point.sensitivity) == (0.0, 1.0)


def test_the_curve_goes_from_few_boxes_to_many_and_never_says_a_thing_twice() -> None:
    scores = MatchedScores(
        on_lesions=np.array([0.9, 0.35, 0.5]),
        elsewhere=np.array([0.8, 0.4, 0.3, 0.2]),
        lesion_count=5,
        image_count=4,
    )
    curve = operating_curve(scores)

    assert [point.false_positives_per_image for point in curve] == [0, 0.25, 0.5, 0.75, 1]
    assert [point.sensitivity for point in curve] == pytest.approx([0.2, 0.4, 0.6, 0.6, 0.6])
    assert np.all(np.diff([point.score for point in curve]) < 0)
    # The named points lie on it.
    assert operating_points(scores)["balanced"] in curve


def test_named_point_is_looked_up() -> None:
    assert operating_score({"balanced": 0.4, "sensitive": 0.1}, "sensitive") == 0.1


def test_a_pair_without_points_is_told_where_they_come_from() -> None:
    with pytest.raises(InputError, match="`mammo calibrate`"):
        operating_score({}, "balanced")


def test_unknown_point_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"'certain'.*balanced"):
        operating_score({"balanced": 0.4}, "certain")
