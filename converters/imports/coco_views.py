"""A COCO data set as the views and lesions that splitting and reporting work on."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from converters.records import Lesion, TableRow, View
from formats.coco_records import CocoAnnotation, CocoDataset, CocoImage
from formats.labels import CATEGORY_NAMES, SEVERITY, UNNAMED_LESION


def views_of(dataset: CocoDataset, content_ids: Mapping[str, str]) -> list[View]:
    """Return a view for each image, in their order; one without a patient is its own.

    Args:
        dataset: with file names as listed on disk.
        content_ids: of the films, by file name.
    """
    lesions = dataset.annotations_by_image()
    status_of = _status_by_case(dataset)
    views = []
    for image in dataset.images:
        drawn = tuple(_lesion(image, annotation) for annotation in lesions[image["id"]])
        row = TableRow(
            image_file=image["file_name"],
            case_id=case_of(image),
            side=image.get("side", ""),
            view=image.get("view", ""),
            status=status_of[case_of(image)],
            mask_files=tuple(lesion.mask_file for lesion in drawn),
            age_years=image.get("age"),
            density=image.get("density"),
        )
        views.append(
            View(
                row=row,
                file_name=image["file_name"],
                height_px=image["height"],
                width_px=image["width"],
                content_id=content_ids[image["file_name"]],
                lesions=drawn,
                is_sibling_marked=None,
            )
        )
    return views


def case_of(image: CocoImage) -> str:
    """Return the patient, or the film where none is known."""
    return image.get("case_id") or image["file_name"]


def _status_by_case(dataset: CocoDataset) -> dict[str, str]:
    labels: dict[str, list[str]] = defaultdict(lambda: [SEVERITY[0]])
    case_of_image = {image["id"]: case_of(image) for image in dataset.images}
    for annotation in dataset.annotations:
        labels[case_of_image[annotation["image_id"]]].append(_label(annotation))
    return {
        case: max(labels[case], key=SEVERITY.index)
        for case in dict.fromkeys(case_of_image.values())
    }


def _label(annotation: CocoAnnotation) -> str:
    return CATEGORY_NAMES.get(annotation["category_id"], UNNAMED_LESION)


def _lesion(image: CocoImage, annotation: CocoAnnotation) -> Lesion:
    x, y, width, height = (round(value) for value in annotation["bbox"])
    outlines = annotation.get("segmentation") or [
        [x, y, x + width, y, x + width, y + height, x, y + height]
    ]
    return Lesion(
        bbox_xywh=(x, y, max(width, 1), max(height, 1)),
        area_px=round(annotation["area"]),
        polygon_xy=np.reshape(outlines[0], (-1, 2)).round().astype(np.int32),
        label=_label(annotation),
        pathology_source="annotation",
        mask_file=f"{image['file_name']}, annotation {annotation['id']}",
        lesion_type=annotation.get("lesion_type"),
        assessment=annotation.get("assessment"),
        subtlety=annotation.get("subtlety"),
    )
