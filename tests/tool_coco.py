"""One data set as each annotation tool exports it to COCO."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pycocotools import mask as coco_masks

from formats.coco import CocoDataset

Record = dict[str, Any]


class Exported(NamedTuple):
    """A tool's file, and the folder that its user would give for the films."""

    coco_path: Path
    image_root: Path


def export_with(tool: str, coco: CocoDataset, films: Path, folder: Path) -> Exported:
    """Lay a data set out below `folder` as a tool does."""
    folder.mkdir(parents=True, exist_ok=True)
    return TOOLS[tool](coco, films, folder)


def _images(coco: CocoDataset, name_of: Callable[[str], str], first_id: int) -> list[Record]:
    return [
        {
            "id": image["id"] - 1 + first_id,
            "file_name": name_of(image["file_name"]),
            "width": image["width"],
            "height": image["height"],
        }
        for image in coco.images
    ]


def _boxes(coco: CocoDataset, first_id: int, first_category: int) -> list[Record]:
    return [
        {
            "id": lesion["id"] - 1 + first_id,
            "image_id": lesion["image_id"] - 1 + first_id,
            "category_id": lesion["category_id"] - 1 + first_category,
            "bbox": [float(value) for value in lesion["bbox"]],
            "area": float(lesion["area"]),
            "iscrowd": 0,
            "segmentation": [],
        }
        for lesion in coco.annotations
    ]


def _copy(coco: CocoDataset, films: Path, folder: Path, name_of: Callable[[str], str]) -> None:
    for image in coco.images:
        target = folder / name_of(image["file_name"])
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(films / image["file_name"], target)


def _write(document: Any, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def _categories(names: list[str], first_id: int, supercategory: Any = "") -> list[Record]:
    return [
        {"id": place, "name": name, "supercategory": supercategory}
        for place, name in enumerate(names, first_id)
    ]


def _square(box: list[float]) -> list[float]:
    x, y, w, h = box
    return [x, y, x + w, y, x + w, y + h, x, y + h]


def cvat(coco: CocoDataset, films: Path, folder: Path) -> Exported:
    """Boxes, and brush masks as uncompressed runs that are called crowds."""
    sizes = {image["id"]: (image["height"], image["width"]) for image in coco.images}
    annotations = _boxes(coco, 1, 1)
    for record in annotations:
        record["attributes"] = {"occluded": False, "rotation": 0.0}
    painted = annotations[0]
    mask = np.zeros(sizes[painted["image_id"]], np.uint8)
    x, y, w, h = (int(value) for value in painted["bbox"])
    mask[y : y + h, x : x + w] = 1
    ends = np.flatnonzero(np.diff(mask.ravel(order="F"))) + 1
    counts = np.diff([0, *ends, mask.size]).tolist()
    painted |= {"segmentation": {"counts": counts, "size": list(mask.shape)}, "iscrowd": 1}
    document = {
        "licenses": [{"name": "", "id": 0, "url": ""}],
        "info": {"contributor": "", "date_created": "", "description": "", "url": ""},
        "categories": _categories(["benign_mass", "malignant_mass"], 1),
        "images": _images(coco, str, 1),
        "annotations": annotations,
    }
    _copy(coco, films, folder / "images", lambda name: f"default/{name}")
    path = _write(document, folder / "annotations" / "instances_default.json")
    return Exported(path, folder / "images" / "default")


def label_studio(coco: CocoDataset, films: Path, folder: Path) -> Exported:
    """Ids from 0, windows' separators, and a hash before each name."""

    def name_of(name: str) -> str:
        return f"3f9a1b2c-{name}"

    document = {
        "images": _images(coco, lambda name: f"images\\{name_of(name)}", 0),
        "categories": [{"id": 0, "name": "Benign Mass"}, {"id": 1, "name": "Malignant Mass"}],
        "annotations": [{**record, "ignore": 0} for record in _boxes(coco, 0, 0)],
        "info": {"year": 2026, "version": "1.0", "contributor": "Label Studio"},
    }
    _copy(coco, films, folder / "images", name_of)
    return Exported(_write(document, folder / "result.json"), folder)


def roboflow(coco: CocoDataset, films: Path, folder: Path) -> Exported:
    """Ids from 0, and a class above the others that no box has."""

    def name_of(name: str) -> str:
        return f"{name.replace('.', '_')}.rf.0123456789abcdef.png"

    document = {
        "info": {"year": "2026", "version": "1", "description": "Exported from roboflow.com"},
        "licenses": [{"id": 1, "url": "", "name": "Unknown"}],
        "categories": [
            {"id": 0, "name": "findings-2Hxq", "supercategory": "none"},
            *_categories(["benign", "malignant"], 1, "findings-2Hxq"),
        ],
        "images": [
            {**image, "license": 1, "date_captured": "2026-01-01T00:00:00+00:00"}
            for image in _images(coco, name_of, 0)
        ],
        "annotations": _boxes(coco, 0, 1),
    }
    _copy(coco, films, folder / "train", name_of)
    path = _write(document, folder / "train" / "_annotations.coco.json")
    return Exported(path, folder / "train")


def labelme(coco: CocoDataset, films: Path, folder: Path) -> Exported:
    """Polygons, names as absolute paths of another computer, and a class of the background."""
    annotations = _boxes(coco, 0, 1)
    for record in annotations:
        record["segmentation"] = [_square(record.pop("bbox"))]
        del record["area"]
    document = {
        "info": {"description": None, "version": None},
        "images": [
            {**image, "license": 0, "url": None}
            for image in _images(coco, lambda name: f"C:\\Users\\anna\\set\\JPEGImages\\{name}", 0)
        ],
        "type": "instances",
        "annotations": annotations,
        "categories": _categories(["_background_", "mass (benign)", "mass (malignant)"], 0, None),
    }
    _copy(coco, films, folder / "JPEGImages", str)
    return Exported(_write(document, folder / "annotations.json"), folder)


def via(coco: CocoDataset, films: Path, folder: Path) -> Exported:
    """Ids as texts, flat polygons, numbers as texts, sizes of 0 and no area."""
    annotations = _boxes(coco, 1, 1)
    for record in annotations:
        record["image_id"] = str(record["image_id"])
        record["segmentation"] = _square(record["bbox"])
        record["bbox"] = [str(value) for value in record["bbox"]]
        record["area"] = ""
        del record["iscrowd"]
    document = {
        "info": {"description": "VIA Project Exported to COCO format"},
        "images": [
            {**image, "id": str(image["id"]), "width": 0, "height": 0}
            for image in _images(coco, str, 1)
        ],
        "annotations": annotations,
        "categories": _categories(["benign", "malignant"], 1, "pathology"),
    }
    _copy(coco, films, folder, str)
    return Exported(_write(document, folder / "via_project_coco.json"), folder)


def fiftyone(coco: CocoDataset, films: Path, folder: Path) -> Exported:
    """A folder `data` between root and name, keys that are null, and compressed masks."""
    sizes = {image["id"]: (image["height"], image["width"]) for image in coco.images}
    annotations = _boxes(coco, 1, 0)
    for record in annotations:
        polygon = _square(record["bbox"])
        (rle,) = coco_masks.frPyObjects([polygon], *sizes[record["image_id"]])
        record["segmentation"] = {"counts": rle["counts"].decode(), "size": rle["size"]}
        record["supercategory"] = None
    document = {
        "info": {"description": "Exported from FiftyOne", "url": "https://voxel51.com/fiftyone"},
        "licenses": [],
        "categories": _categories(["Benign Calcification", "Malignant Calcification"], 0, None),
        "images": [
            {**image, "license": None, "coco_url": None, "label": None}
            for image in _images(coco, str, 1)
        ],
        "annotations": annotations,
    }
    _copy(coco, films, folder / "data", str)
    return Exported(_write(document, folder / "labels.json"), folder)


TOOLS = {tool.__name__: tool for tool in (cvat, label_studio, roboflow, labelme, via, fiftyone)}
