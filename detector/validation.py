"""The figures that choose a detector's best epoch, from pycocotools.

The evaluation asks pycocotools too, of results files; a detector in training has boxes in the
network's squares, and does not know the evaluation's room.
"""

import contextlib
import io
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torch import Tensor, nn

from detector.crowds import CROWD_LABEL
from detector.dataset import Target
from formats.geometry.boxes import xyxy_to_xywh


@torch.inference_mode()
def detection_figures(
    model: nn.Module, batches: Iterable[tuple[list[Tensor], list[Target]]], device: torch.device
) -> dict[str, float]:
    """Return COCO `ap` (IoU 0.5 to 0.95) and `ap50` of a detector in evaluation mode.

    Boxes on crowd regions count neither as found nor as false.
    """
    truth: list[dict[str, Any]] = []
    crowds: list[dict[str, Any]] = []
    detections: list[dict[str, Any]] = []
    image_ids: list[int] = []
    for images, targets in batches:
        outputs = model([image.to(device) for image in images])
        for target, output in zip(targets, outputs, strict=True):
            image_id = int(target["image_id"])
            image_ids.append(image_id)
            truth += _records(image_id, target["boxes"], target["labels"])
            crowds += _crowd_records(image_id, target["crowds"])
            detections += _records(image_id, output["boxes"], output["labels"], output["scores"])
    categories = sorted({record["category_id"] for record in truth})
    # What is in a crowd region may be of any class.
    ignored = [{**record, "category_id": c} for c in categories for record in crowds]
    return _coco_figures(image_ids, truth, ignored, detections)


def _records(
    image_id: int, boxes_xyxy: Tensor, labels: Tensor, scores: Tensor | None = None
) -> list[dict[str, Any]]:
    boxes_xywh = xyxy_to_xywh(boxes_xyxy.cpu().numpy())
    records = [
        {
            "image_id": image_id,
            "bbox": box.tolist(),
            "category_id": int(label),
            "area": float(box[2] * box[3]),
            "iscrowd": 0,
        }
        for box, label in zip(boxes_xywh, labels, strict=True)
    ]
    if scores is not None:
        for record, score in zip(records, scores, strict=True):
            record["score"] = float(score)
    return records


def _crowd_records(image_id: int, crowds_xyxy: Tensor) -> list[dict[str, Any]]:
    no_class = torch.full((len(crowds_xyxy),), CROWD_LABEL)
    return [{**record, "iscrowd": 1} for record in _records(image_id, crowds_xyxy, no_class)]


def _coco_figures(
    image_ids: list[int],
    truth: list[dict[str, Any]],
    ignored: list[dict[str, Any]],
    detections: list[dict[str, Any]],
) -> dict[str, float]:
    if not truth or not detections:
        return {"ap": 0.0, "ap50": 0.0}
    categories = sorted({record["category_id"] for record in truth})
    coco = COCO()
    coco.dataset = {
        "images": [{"id": image_id} for image_id in image_ids],
        "categories": [{"id": category_id} for category_id in categories],
        "annotations": [{**record, "id": i} for i, record in enumerate(truth + ignored, start=1)],
    }
    # pycocotools prints; standard output belongs to the tools' data.
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(detections), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    ap, ap50 = np.maximum(evaluation.stats[:2], 0.0)
    return {"ap": float(ap), "ap50": float(ap50)}
