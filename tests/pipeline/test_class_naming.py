from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from detector.detections import Detections
from formats.errors import InputError
from pipeline.class_naming import ClassNamingDetector, merge_classes

CPU = torch.device("cpu")
BENIGN, CANCER = 0, 1
merge = partial(merge_classes, same_lesion_iou=0.5)
FILM = np.random.default_rng(0).integers(0, 4000, (300, 200)).astype(np.uint16)


def found(*rows: tuple[tuple[float, float, float, float], float, int]) -> Detections:
    boxes, scores, class_indices = zip(*rows, strict=True)
    return Detections(
        boxes_xyxy=np.array(boxes, dtype=float),
        scores=np.array(scores),
        class_indices=np.array(class_indices),
    )


def test_two_names_for_one_lesion_become_one_box_with_both_scores() -> None:
    # The boxes overlap by 90 / 110 and 100 / 100 of their union.
    (merged,) = merge(found(((0, 0, 10, 10), 0.6, CANCER), ((1, 0, 10, 10), 0.2, BENIGN)))

    assert merged.bbox_xyxy == (0, 0, 10, 10)
    assert merged.score == pytest.approx(0.8)
    assert merged.label == "Cancer"
    assert merged.label_scores == pytest.approx({"Benign": 0.25, "Cancer": 0.75})


def test_which_boxes_are_one_lesion_is_the_detectors_own() -> None:
    # They overlap by 90 / 110.
    both = found(((0, 0, 10, 10), 0.6, CANCER), ((1, 0, 11, 10), 0.2, BENIGN))

    assert len(merge_classes(both, same_lesion_iou=0.8)) == 1
    assert len(merge_classes(both, same_lesion_iou=0.9)) == 2


def test_a_box_alone_is_of_its_own_class_for_certain() -> None:
    (merged,) = merge(found(((0, 0, 10, 10), 0.3, BENIGN)))

    assert (merged.label, merged.score) == ("Benign", 0.3)
    assert merged.label_scores == {"Benign": 1.0, "Cancer": 0.0}


def test_boxes_apart_and_of_one_class_stay_apart() -> None:
    merged = merge(
        found(
            ((0, 0, 10, 10), 0.9, BENIGN),
            ((40, 0, 50, 10), 0.8, CANCER),
            ((0, 0, 10, 9), 0.7, BENIGN),
        )
    )

    assert [d.score for d in merged] == [0.9, 0.8, 0.7]


def test_each_box_is_taken_once_by_the_best_that_overlaps_it() -> None:
    merged = merge(
        found(
            ((0, 0, 10, 10), 0.6, CANCER),
            ((0, 0, 10, 9), 0.5, CANCER),
            ((0, 0, 10, 10), 0.3, BENIGN),
        )
    )

    assert [round(d.score, 6) for d in merged] == [0.9, 0.5]


def test_merging_may_change_the_order_and_never_passes_one() -> None:
    merged = merge(
        found(
            ((0, 0, 10, 10), 0.7, BENIGN),
            ((40, 0, 50, 10), 0.6, CANCER),
            ((40, 0, 50, 10), 0.55, BENIGN),
        )
    )

    assert [d.score for d in merged] == [1.0, 0.7]
    assert merged[0].label_scores["Cancer"] == pytest.approx(0.6 / 1.15)


def test_what_scores_next_to_nothing_is_not_listed() -> None:
    assert merge(found(((0, 0, 10, 10), 0.002, BENIGN))) == []
    assert (
        merge(
            Detections(
                boxes_xyxy=np.empty((0, 4)),
                scores=np.empty(0),
                class_indices=np.empty(0, dtype=int),
            )
        )
        == []
    )


def test_results_are_in_film_pixels_with_proper_probabilities(
    class_naming_checkpoint: Path,
) -> None:
    model = ClassNamingDetector(class_naming_checkpoint, CPU)
    films = [FILM, FILM[:200]]
    tall, short = model.predict_batch(films, ["tall.png", "short.png"], operating_score=0.0)

    assert (tall.file_name, tall.width, tall.height) == ("tall.png", 200, 300)
    assert short.height == 200
    assert tall.detections
    assert sum(tall.scores.values()) == pytest.approx(1)
    for detection in tall.detections:
        x1, y1, x2, y2 = detection.bbox_xyxy
        assert 0 <= x1 < x2 <= 200
        assert 0 <= y1 < y2 <= 300
        assert sum(detection.label_scores.values()) == pytest.approx(1)
    assert model.predict_batch(films, ["a", "b"], operating_score=1.1)[0].label == "Normal"


def test_a_detector_that_names_no_class_is_refused(random_checkpoints: tuple[Path, Path]) -> None:
    with pytest.raises(InputError, match="names no class"):
        ClassNamingDetector(random_checkpoints[0], CPU)
