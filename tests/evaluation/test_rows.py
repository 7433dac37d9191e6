from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_rows import make_dataset, make_detections, make_results

from evaluation.rows import (
    detection_rows,
    lesion_rows,
    results_by_view,
    view_predictions,
    view_rows,
)
from formats.errors import InputError
from formats.labels import LABELS

CASES = [("A_2", "LEFT", "Cancer"), ("A_1", "LEFT", "Normal"), ("A_1", "RIGHT", "Benign")]
PATH = Path("results.json")


def test_views_and_lesions() -> None:
    dataset = make_dataset(CASES)
    dataset.images.reverse()
    views, lesions = view_rows(dataset), lesion_rows(dataset)

    # By id, whatever their order in the file.
    assert views.file_names[0] == "A_2_LEFT_CC.png"
    assert views.patients == ("A_1", "A_2")
    assert views.patient.tolist() == [1, 1, 0, 0, 0, 0]
    assert views.breast.tolist() == [2, 2, 0, 0, 1, 1]
    assert [LABELS[label] for label in views.label[::2]] == ["Cancer", "Normal", "Benign"]
    assert views.without_breast == 0
    assert lesions.view.tolist() == [0, 1, 4, 5]
    assert lesions.bbox_xywh[0].tolist() == [20, 20, 20, 20]
    assert lesions.area_px.tolist() == [300] * 4
    assert lesions.of_label(1).view.tolist() == [4, 5]


def test_views_without_extras_stand_alone_and_take_their_worst_lesion() -> None:
    dataset = make_dataset(CASES)
    for image in dataset.images:
        for key in ("case_id", "side", "label", "density"):
            del image[key]  # type: ignore[misc]
    views = view_rows(dataset)

    assert len(views.patients) == 6
    assert len(set(views.breast.tolist())) == 6
    assert views.without_breast == 6
    assert [LABELS[label] for label in views.label[::2]] == ["Cancer", "Normal", "Benign"]
    assert views.density.tolist() == [0] * 6


def test_detections_and_predictions() -> None:
    dataset = make_dataset(CASES)
    results = make_results(dataset, "m", 0)
    # In another order, and with an image more.
    shuffled = replace(
        results, images=[replace(results.images[0], file_name="x"), *results.images[::-1]]
    )
    by_view = results_by_view(PATH, iter(shuffled.images), view_rows(dataset))
    detections, said = by_view.detections, view_predictions(by_view.images)

    assert by_view.images == [replace(image, detections=[]) for image in results.images]
    assert by_view.left_out == 1
    assert detections.view.tolist() == list(range(6))
    assert detections.bbox_xywh[:, 2:] == pytest.approx(20.0)
    assert said.tumour.tolist() == pytest.approx(detections.score.tolist())
    assert said.cancer.tolist() == pytest.approx(detections.scored_for(2).score.tolist())


def test_rank_in_view() -> None:
    box = (0, 0, 1, 1)
    detections = make_detections([0, 0, 0, 2, 2], [box] * 5, [0.1, 0.7, 0.7, 0.2, 0.3])

    assert detections.rank_in_view().tolist() == [2, 0, 1, 1, 0]


def test_an_image_without_result_is_an_error_that_counts() -> None:
    dataset = make_dataset(CASES)
    results = make_results(dataset, "m", 0)
    short = replace(results, images=results.images[2:])

    with pytest.raises(InputError, match=r"2 of 6 images .* such as A_2_LEFT_CC\.png"):
        results_by_view(PATH, short.images, view_rows(dataset))


def test_other_sizes_and_repeated_results_are_errors() -> None:
    dataset = make_dataset(CASES)
    results, views = make_results(dataset, "m", 0), view_rows(dataset)
    resized = replace(results, images=[replace(results.images[0], width=7), *results.images[1:]])
    repeated = replace(results, images=[*results.images, results.images[0]])

    with pytest.raises(InputError, match=r"at 7x120 pixels, .* says 100x120"):
        results_by_view(PATH, resized.images, views)
    with pytest.raises(InputError, match="stands twice"):
        results_by_view(PATH, repeated.images, views)


def test_unusable_data_sets_are_errors() -> None:
    nothing, twice, mislabelled = (make_dataset(CASES) for _ in range(3))
    nothing.images.clear()
    twice.images[1]["file_name"] = twice.images[0]["file_name"]
    mislabelled.images[0]["label"] = "Maybe"

    with pytest.raises(InputError, match="no images"):
        view_rows(nothing)
    with pytest.raises(InputError, match="stands twice"):
        view_rows(twice)
    with pytest.raises(InputError, match="Maybe"):
        view_rows(mislabelled)


def test_no_detections() -> None:
    rows = detection_rows([])

    assert rows.bbox_xywh.shape == (0, 4)
    assert rows.label_scores.shape == (0, 2)
    assert rows.rank_in_view().dtype == np.int64
