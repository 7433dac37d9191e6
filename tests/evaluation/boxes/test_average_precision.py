import numpy as np
import pytest
from made_rows import make_detections, make_lesions, make_views, random_rows

from evaluation.boxes.average_precision import COCO_KEYS, coco_numbers, rank_for_coco
from evaluation.boxes.pycocotools_numbers import coco_summaries
from evaluation.rows import DetectionRows, LesionRows, ViewRows
from formats.labels import LABELS

FAR = (60, 60, 20, 20)
HERE = (10, 10, 20, 20)


def numbers_of(views: ViewRows, lesions: LesionRows, detections: DetectionRows) -> dict[str, float]:
    once = np.ones((1, len(views.patients)))
    found = coco_numbers(rank_for_coco(views, lesions, detections), once)
    return {name: float(values[0]) for name, values in found.items()}


def test_counted_by_hand() -> None:
    # Hit, false, hit, false; one of three lesions is never found.
    lesions = make_lesions([0, 1, 2], [HERE, HERE, HERE])
    detections = make_detections([0, 0, 1, 2], [HERE, FAR, HERE, FAR], [0.9, 0.8, 0.7, 0.6])
    numbers = numbers_of(make_views([0, 1, 2]), lesions, detections)

    # Precision 1 at the recalls 0 to 0.33, 2/3 from 0.34 to 0.66, and 0 beyond.
    expected = (34 * 1 + 33 * 2 / 3) / 101
    assert numbers["ap50"] == pytest.approx(expected, abs=1e-12)
    assert numbers["ap"] == pytest.approx(expected, abs=1e-12)
    assert numbers["ar_1"] == pytest.approx(2 / 3)


@pytest.mark.parametrize("digits", [1, 9])
@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_pycocotools_with_ties_crowds_and_empty_views(seed: int, digits: int) -> None:
    views, lesions, detections = random_rows(seed, digits)
    summaries = coco_summaries(views, lesions, detections)
    own = {"tumour": numbers_of(views, lesions, detections)}
    for name in ("Benign", "Cancer"):
        label = LABELS.index(name)
        own[name.lower()] = numbers_of(views, lesions.of_label(label), detections.scored_for(label))

    for class_name, numbers in own.items():
        for name, value in numbers.items():
            expected = summaries[class_name].numbers[name]
            assert np.isnan(value) if expected is None else abs(value - expected) < 1e-12


def test_agrees_with_pycocotools_beyond_a_hundred_detections_a_view() -> None:
    views, lesions, detections = random_rows(0, 9, detections_per_view=130)
    expected = coco_summaries(views, lesions, detections)["tumour"].numbers
    numbers = numbers_of(views, lesions, detections)

    assert max(np.bincount(detections.view)) > 100
    assert [numbers[name] for name in COCO_KEYS] == pytest.approx(
        [expected[name] for name in COCO_KEYS], abs=1e-12
    )


@pytest.mark.parametrize("seed", range(3))
def test_weights_are_copies_of_patients(seed: int) -> None:
    views, lesions, detections = random_rows(seed, digits=9)
    weights = np.random.default_rng(seed).integers(0, 4, len(views.patients)).astype(float)
    copies = repeat_patients(views, lesions, detections, weights.astype(int))
    expected = coco_summaries(*copies)["tumour"].numbers
    numbers = coco_numbers(rank_for_coco(views, lesions, detections), weights[None])

    for name in COCO_KEYS:
        assert numbers[name][0] == pytest.approx(expected[name], abs=1e-12)


def repeat_patients(
    views: ViewRows, lesions: LesionRows, detections: DetectionRows, times: np.ndarray
) -> tuple[ViewRows, LesionRows, DetectionRows]:
    """Copy every view of a patient, the copies side by side, and leave out who has none."""
    old_view = np.repeat(np.arange(views.count), times[views.patient])

    def rows_of(row_view: np.ndarray) -> tuple[list[int], np.ndarray]:
        rows = [np.flatnonzero(row_view == view) for view in old_view]
        return [v for v, r in enumerate(rows) for _ in r], np.concatenate(rows)

    lesion_view, lesion_row = rows_of(lesions.view)
    detection_view, detection_row = rows_of(detections.view)
    return (
        make_views(list(range(len(old_view)))),
        LesionRows(
            view=np.array(lesion_view),
            bbox_xywh=lesions.bbox_xywh[lesion_row],
            area_px=lesions.area_px[lesion_row],
            label=lesions.label[lesion_row],
            is_crowd=lesions.is_crowd[lesion_row],
            lesion_type=tuple(lesions.lesion_type[row] for row in lesion_row),
        ),
        DetectionRows(
            view=np.array(detection_view),
            bbox_xywh=detections.bbox_xywh[detection_row],
            score=detections.score[detection_row],
            label_scores=detections.label_scores[detection_row],
        ),
    )


def test_no_lesion_in_a_resample_is_undefined_and_no_detection_is_0() -> None:
    lesions = make_lesions([0], [HERE])
    ranking = rank_for_coco(make_views([0, 1]), lesions, make_detections([], [], []))
    numbers = coco_numbers(ranking, np.array([[1.0, 1.0], [0.0, 2.0]]))

    assert numbers["ap"][0] == 0
    assert numbers["ar_100"][0] == 0
    assert np.isnan(numbers["ap"][1])
    assert np.isnan(numbers["ar_100"][1])
