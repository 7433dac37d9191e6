"""The twelve numbers against pycocotools used as its own documentation says."""

import contextlib
import io

import numpy as np
import pytest
from made_rows import make_detections, make_lesions, make_views, random_rows
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from evaluation.boxes.average_precision import COCO_KEYS
from evaluation.boxes.pycocotools_numbers import CLASS_MEAN, TUMOUR, coco_summaries
from evaluation.rows import DetectionRows, LesionRows, ViewRows


def plain_evaluation(
    views: ViewRows, lesions: LesionRows, detections: DetectionRows, use_categories: bool
) -> np.ndarray:
    truth = COCO()
    truth.dataset = {
        "images": [{"id": view + 1} for view in range(views.count)],
        "categories": [{"id": 1}, {"id": 2}],
        "annotations": [
            {
                "id": row + 1,
                "image_id": int(lesions.view[row]) + 1,
                "category_id": int(lesions.label[row]),
                "bbox": lesions.bbox_xywh[row].tolist(),
                "area": float(lesions.area_px[row]),
                "iscrowd": int(lesions.is_crowd[row]),
            }
            for row in range(len(lesions.view))
        ],
    }
    results = [
        {
            "image_id": int(detections.view[row]) + 1,
            "category_id": label,
            "bbox": detections.bbox_xywh[row].tolist(),
            "score": detections.score[row]
            * (detections.label_scores[row, label - 1] if use_categories else 1),
        }
        for row in range(len(detections.view))
        for label in ((1, 2) if use_categories else (1,))
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.params.useCats = int(use_categories)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("name", "use_categories"), [(TUMOUR, False), (CLASS_MEAN, True)])
def test_numbers_are_pycocotools_own(seed: int, name: str, use_categories: bool) -> None:
    rows = random_rows(seed, digits=9)
    numbers = coco_summaries(*rows)[name].numbers
    expected = plain_evaluation(*rows, use_categories)

    assert list(numbers) == list(COCO_KEYS)
    assert [-1 if value is None else value for value in numbers.values()] == expected.tolist()


def test_the_mean_of_classes_is_that_of_both() -> None:
    summaries = coco_summaries(*random_rows(0, digits=2))
    both = [summaries[name].numbers["ap50"] for name in ("benign", "cancer")]

    assert summaries[CLASS_MEAN].numbers["ap50"] == pytest.approx(np.mean(both), abs=1e-12)


def test_no_results_are_ap_0() -> None:
    lesions = make_lesions([0], [(10, 10, 40, 40)])
    summary = coco_summaries(make_views([0]), lesions, make_detections([], [], []))[TUMOUR]

    assert summary.numbers["ap"] == 0.0
    assert summary.numbers["ar_100"] == 0.0
    # 1,600 square pixels are a medium lesion, and there is no other.
    assert summary.numbers["ap_large"] is None


def test_no_truth_is_not_applicable_and_never_minus_1() -> None:
    found = make_detections([0], [(10, 10, 40, 40)], [0.9])
    summary = coco_summaries(make_views([0]), make_lesions([], []), found)[TUMOUR]

    assert set(summary.numbers.values()) == {None}
    assert "-1" not in summary.text
    assert summary.text.count("n/a") == 12


def test_the_familiar_twelve_lines() -> None:
    lesions = make_lesions([0], [(10, 10, 40, 40)])
    found = make_detections([0], [(10, 10, 40, 40)], [0.9])
    lines = coco_summaries(make_views([0]), lesions, found)[TUMOUR].text.splitlines()

    assert lines[0] == (
        " Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 1.000"
    )
    assert len(lines) == 12
