"""COCO's twelve numbers from pycocotools itself."""

import contextlib
import io
from dataclasses import dataclass
from typing import Any

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from evaluation.boxes.average_precision import COCO_KEYS
from evaluation.figure_keys import LESION_LABEL_KEYS
from evaluation.rows import DetectionRows, LesionRows, ViewRows
from formats.labels import LABELS, LESION_LABELS

MOST_DETECTIONS = 500_000
"""pycocotools holds up to 4 kB of each: beyond this, gigabytes for what
`average_precision.coco_numbers` gives too."""
TUMOUR = "tumour"
CLASS_MEAN = "class_mean"
LESION_LABEL_INDICES = tuple(LABELS.index(name) for name in LESION_LABELS)


@dataclass(frozen=True)
class CocoSummary:
    """What pycocotools says."""

    numbers: dict[str, float | None]
    """By `COCO_KEYS`; None where there is no lesion to be found."""
    text: str
    """The familiar twelve lines, with n/a for -1."""


def coco_summaries(
    views: ViewRows, lesions: LesionRows, detections: DetectionRows
) -> dict[str, CocoSummary]:
    """Evaluate whatever the class (`tumour`), by class, and as the mean of the classes.

    Whatever the class, a box is ranked by its tumour score. By class, each box counts once for
    each class, ranked by tumour score times probability of the class.
    """
    images = [{"id": view + 1} for view in range(views.count)]
    # Read off at once: an evaluation takes hundreds of kilobytes a view.
    whole = _summarise(
        _evaluate(
            images,
            [TUMOUR],
            _lesion_records(lesions, 1),
            _detection_records(detections, 1),
        )
    )
    by_class = _evaluate(
        images,
        list(LESION_LABEL_KEYS),
        [
            record
            for label in LESION_LABEL_INDICES
            for record in _lesion_records(lesions.of_label(label), label)
        ],
        [
            record
            for label in LESION_LABEL_INDICES
            for record in _detection_records(detections.scored_for(label), label)
        ],
    )
    summaries = {TUMOUR: whole, CLASS_MEAN: _summarise(by_class)}
    precision, recall = by_class.eval["precision"], by_class.eval["recall"]
    for column, key in enumerate(LESION_LABEL_KEYS):
        by_class.eval["precision"] = precision[:, :, [column]]
        by_class.eval["recall"] = recall[:, [column]]
        summaries[key] = _summarise(by_class)
    return summaries


def _evaluate(
    images: list[dict[str, Any]],
    names: list[str],
    lesions: list[dict[str, Any]],
    detections: list[dict[str, Any]],
) -> COCOeval:
    categories = [{"id": place, "name": name} for place, name in enumerate(names, start=1)]
    # pycocotools prints; standard output belongs to the tools' data.
    with contextlib.redirect_stdout(io.StringIO()):
        truth, found = (_index(images, categories, records) for records in (lesions, detections))
        evaluation = COCOeval(truth, found, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation


def _index(
    images: list[dict[str, Any]], categories: list[dict[str, Any]], records: list[dict[str, Any]]
) -> COCO:
    # What `COCO.loadRes` builds, which fails on an empty list. To pycocotools id 0 is no match.
    annotations = [{**record, "id": number} for number, record in enumerate(records, start=1)]
    coco = COCO()
    coco.dataset = {"images": images, "categories": categories, "annotations": annotations}
    coco.createIndex()
    return coco


def _summarise(evaluation: COCOeval) -> CocoSummary:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        evaluation.summarize()
    numbers = {
        key: None if value == -1 else float(value)
        for key, value in zip(COCO_KEYS, evaluation.stats, strict=True)
    }
    return CocoSummary(numbers, printed.getvalue().replace("-1.000", "  n/a"))


def _lesion_records(lesions: LesionRows, category_id: int) -> list[dict[str, Any]]:
    return [
        {
            "image_id": int(lesions.view[row]) + 1,
            "category_id": category_id,
            "bbox": lesions.bbox_xywh[row].tolist(),
            "area": float(lesions.area_px[row]),
            "iscrowd": int(lesions.is_crowd[row]),
        }
        for row in range(len(lesions.view))
    ]


def _detection_records(detections: DetectionRows, category_id: int) -> list[dict[str, Any]]:
    return [
        {
            "image_id": view + 1,
            "category_id": category_id,
            "bbox": box_xywh,
            "area": box_xywh[2] * box_xywh[3],
            "score": score,
            "iscrowd": 0,
        }
        for view, box_xywh, score in zip(
            detections.view.tolist(),
            detections.bbox_xywh.tolist(),
            detections.score.tolist(),
            strict=True,
        )
    ]
