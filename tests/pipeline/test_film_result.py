import numpy as np
import pytest

from formats.geometry.box_conventions import BoxConvention
from formats.results import Detection
from pipeline.film_result import detection_result, image_scores, listed_from, worst_label


def detection(score: float, cancer: float) -> Detection:
    label = "Cancer" if cancer > 0.5 else "Benign"
    return Detection(
        bbox_xyxy=(0, 0, 9, 9),
        score=score,
        label=label,
        label_scores={"Benign": 1 - cancer, "Cancer": cancer},
    )


def test_image_scores_by_hand() -> None:
    scores = image_scores([detection(0.9, 0.1), detection(0.5, 0.8)])

    assert scores == pytest.approx({"Normal": 0.1, "Benign": 0.5, "Cancer": 0.4})


def test_no_box_is_normal() -> None:
    assert worst_label([]) == "Normal"
    assert image_scores([]) == {"Normal": 1.0, "Benign": 0.0, "Cancer": 0.0}


def test_one_cancer_among_benign_boxes_makes_the_film_cancer() -> None:
    assert worst_label([detection(0.9, 0.1), detection(0.3, 0.9)]) == "Cancer"
    assert worst_label([detection(0.9, 0.1)]) == "Benign"


def test_a_result_is_drawn_by_the_convention_and_labelled_from_the_operating_score() -> None:
    film = np.zeros((40, 30), np.uint8)
    twice_as_wide = BoxConvention(width_factor=2.0)
    boxes = [detection(0.9, 0.1), detection(0.3, 0.9)]

    result = detection_result(film, "a.png", boxes, 0.5, twice_as_wide)

    assert (result.width, result.height, result.label) == (30, 40, "Benign")
    assert result.scores["Cancer"] == pytest.approx(0.27)
    # Around its middle, and no further than the film's edge.
    assert result.detections[0].bbox_xyxy == (0, 0, 13.5, 9)


def test_from_a_higher_score_on_a_result_is_as_if_it_had_been_asked_for_so() -> None:
    film = np.zeros((40, 30), np.uint8)
    boxes = [detection(0.9, 0.1), detection(0.3, 0.9)]
    all_listed = detection_result(film, "a.png", boxes, 0.1, BoxConvention())

    for score in (0.2, 0.3, 0.5, 0.95):
        asked = [box for box in boxes if box.score >= score]
        assert listed_from(all_listed, score) == detection_result(
            film, "a.png", asked, score, BoxConvention()
        )
