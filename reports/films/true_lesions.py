"""What a COCO file knows of films, to be drawn beside what is found on them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from formats.coco import CocoDataset
from formats.film_reading.paths import film_path
from formats.geometry.boxes import xywh_to_xyxy
from formats.labels import CATEGORY_NAMES, UNNAMED_LESION
from reports.films.annotated_film import TrueLesion


def lesions_by_film(
    dataset: CocoDataset, image_root: Path
) -> Mapping[Path, tuple[TrueLesion, ...]]:
    """Return the lesions of each film by its resolved path; crowd regions are none."""
    annotations = dataset.annotations_by_image()
    return {
        film_path(image_root, image["file_name"]).resolve(): tuple(
            TrueLesion(
                bbox_xyxy=tuple(xywh_to_xyxy(np.array([lesion["bbox"]]))[0].tolist()),
                label=CATEGORY_NAMES.get(lesion["category_id"], UNNAMED_LESION),
            )
            for lesion in annotations[image["id"]]
            if not lesion["iscrowd"]
        )
        for image in dataset.images
    }
