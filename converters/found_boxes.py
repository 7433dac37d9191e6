"""Results as a data set whose lesions are the boxes that were found, for the tools' layouts."""

import numpy as np

from formats.coco_records import CocoAnnotation, CocoDataset, CocoImage
from formats.film_reading.paths import relative_name
from formats.geometry.boxes import area_xyxy, xyxy_to_xywh
from formats.labels import CATEGORY_IDS
from formats.results import Results


def found_boxes(results: Results, lowest_score: float = 0.0) -> CocoDataset:
    """Return the films of the results, and their boxes from a score on, each with its score."""
    dataset = CocoDataset(images=[], annotations=[], description=_description(results))
    for image_id, image in enumerate(results.images, start=1):
        dataset.images.append(
            CocoImage(
                id=image_id,
                file_name=relative_name(image.file_name),
                width=image.width,
                height=image.height,
                label=image.label,
            )
        )
        for detection in image.detections:
            if detection.score < lowest_score:
                continue
            box_xyxy = np.array([detection.bbox_xyxy])
            dataset.annotations.append(
                CocoAnnotation(
                    id=len(dataset.annotations) + 1,
                    image_id=image_id,
                    category_id=CATEGORY_IDS[detection.label],
                    bbox=xyxy_to_xywh(box_xyxy)[0].tolist(),
                    area=float(area_xyxy(box_xyxy)[0]),
                    iscrowd=0,
                    score=detection.score,
                )
            )
    return dataset


def _description(results: Results) -> str:
    """Say what found the boxes: the method, and its files by the beginning of their hashes."""
    models = [f"{model.name} {model.sha256[:8]}" for model in results.models]
    return ", ".join([results.method, *models])
