"""A plain COCO results list, of any program, as a results file."""

import math
from collections import defaultdict
from pathlib import Path
from typing import Any

from formats.coco_reading.values import as_number
from formats.coco_records import CocoDataset, CocoImage
from formats.faults import Faults
from formats.labels import CATEGORY_NAMES, LABELS
from formats.results import Detection, ImageResult, Results

RENUMBERED = ("ids started", "ids were texts", "category ")


def results_of_list(path: Path, records: list[Any], dataset: CocoDataset) -> Results:
    """Read a list of `image_id`, `category_id`, `bbox` and `score`.

    Each box is sure of its own label; an image's probability of a tumour is its best box's score,
    of cancer its best such box's.

    Args:
        path: of the list; its stem is the method's name.
        records: the list.
        dataset: the COCO file that the ids are of.

    Raises:
        InputFaultsError: records are wrong, all of which are listed; or the COCO file's own ids or
            categories were changed in reading, so that the list means others.
    """
    faults = Faults(path)
    changed = [change for change in dataset.changes if any(word in change for word in RENUMBERED)]
    if changed:
        faults.add(
            f"a COCO results list, whose ids are those of a COCO file that was changed in reading "
            f"({changed[0]})",
            "predict on what `mammo import` makes of it, or evaluate the results file that `mammo "
            "predict` writes",
        )
        faults.raise_any()
    images = {image["id"]: image for image in dataset.images}
    found: dict[int, list[Detection]] = defaultdict(list)
    for place, record in enumerate(records):
        detection = _read_record(record, f"record {place}", images, faults)
        if detection is not None:
            found[record["image_id"]].append(detection)
    faults.raise_any()
    results = [_image_result(image, found[image["id"]]) for image in dataset.images]
    return Results(method=path.stem, models=[], images=results)


def _read_record(
    record: Any, where: str, images: dict[int, CocoImage], faults: Faults
) -> Detection | None:
    if not isinstance(record, dict) or record.get("image_id") not in images:
        faults.add(f"{where} is of no listed image: {str(record)[:60]}", "give its COCO file")
        return None
    label = CATEGORY_NAMES.get(record.get("category_id") or 0)
    if label is None:
        faults.add(
            f"{where} has category {record.get('category_id')}",
            f"categories are {CATEGORY_NAMES}",
        )
        return None
    numbers = [as_number(value) for value in record.get("bbox") or ()]
    score = as_number(record.get("score"))
    box = [value for value in numbers if value is not None]
    if len(numbers) != 4 or len(box) != 4 or min(box[2:]) <= 0:
        faults.add(f"{where} has bbox {record.get('bbox')}", "give x, y, width and height above 0")
        return None
    if score is None or not 0 <= score <= 1 or math.isnan(score):
        faults.add(f"{where} has score {record.get('score')}", "give scores in 0..1")
        return None
    x, y, width, height = box
    label_scores = {name: float(name == label) for name in CATEGORY_NAMES.values()}
    return Detection(
        bbox_xyxy=(x, y, x + width, y + height), score=score, label=label, label_scores=label_scores
    )


def _image_result(image: CocoImage, detections: list[Detection]) -> ImageResult:
    best_first = sorted(detections, key=lambda detection: -detection.score)
    tumour = max((d.score for d in detections), default=0.0)
    cancer = max((d.score for d in detections if d.label == "Cancer"), default=0.0)
    scores = {"Normal": 1 - tumour, "Benign": tumour - cancer, "Cancer": cancer}
    label = max(LABELS, key=lambda name: scores[name])
    return ImageResult(
        file_name=image["file_name"],
        width=image["width"],
        height=image["height"],
        label=label,
        scores=scores,
        detections=best_first,
    )
