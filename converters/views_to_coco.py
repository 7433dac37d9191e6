"""Views and lesions -> the COCO contract."""

from collections.abc import Iterable

from converters.records import Lesion, View
from formats.coco import CocoAnnotation, CocoDataset, CocoImage
from formats.labels import CATEGORY_IDS

DESCRIPTION = "Mini-DDSM (Lekamlage et al. 2020), from the DDSM (Heath et al. 2001)"


def views_to_coco(views: Iterable[View]) -> CocoDataset:
    """Number the views and their lesions from 1, in their order."""
    images: list[CocoImage] = []
    annotations: list[CocoAnnotation] = []
    for image_id, view in enumerate(views, start=1):
        images.append(_image(image_id, view))
        for lesion in view.lesions:
            annotations.append(_annotation(len(annotations) + 1, image_id, lesion))
    return CocoDataset(images=images, annotations=annotations, description=DESCRIPTION)


def _image(image_id: int, view: View) -> CocoImage:
    image: CocoImage = {
        "id": image_id,
        "file_name": view.file_name,
        "width": view.width_px,
        "height": view.height_px,
        "case_id": view.row.case_id,
        "side": view.row.side,
        "view": view.row.view,
        "label": view.label,
        "case_status": view.row.status,
    }
    if view.row.age_years is not None:
        image["age"] = view.row.age_years
    if view.row.density is not None:
        image["density"] = view.row.density
    if view.is_sibling_marked is not None:
        image["sibling_view_marked"] = view.is_sibling_marked
    return image


def _annotation(annotation_id: int, image_id: int, lesion: Lesion) -> CocoAnnotation:
    annotation: CocoAnnotation = {
        "id": annotation_id,
        "image_id": image_id,
        "category_id": CATEGORY_IDS[lesion.label],
        "bbox": list(lesion.bbox_xywh),
        "area": lesion.area_px,
        "iscrowd": 0,
        "segmentation": [lesion.polygon_xy.ravel().tolist()],
        "pathology_source": lesion.pathology_source,
    }
    if lesion.lesion_type is not None:
        annotation["lesion_type"] = lesion.lesion_type
    if lesion.assessment is not None:
        annotation["assessment"] = lesion.assessment
    if lesion.subtlety is not None:
        annotation["subtlety"] = lesion.subtlety
    return annotation
