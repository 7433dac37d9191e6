"""Data sets -> what other tools open: COCO, YOLO, FiftyOne, CVAT and Label Studio."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import cv2
import yaml

from formats.coco_films import require_films
from formats.coco_records import CocoAnnotation, CocoDataset, CocoImage
from formats.dicom_reading.signature import is_dicom
from formats.errors import InputError
from formats.film_reading.paths import film_path
from formats.film_reading.reader import read_grey, read_head
from formats.json_files import write_json
from formats.labels import CATEGORY_NAMES, UNNAMED_CATEGORY_ID, UNNAMED_LESION
from formats.whole_file import write_whole

NAMES = {**CATEGORY_NAMES, UNNAMED_CATEGORY_ID: UNNAMED_LESION}
# What these tools have no place for is left out of their files.
COMMON_KEYS = ("id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation", "score")

# How Label Studio calls a file below the folder that it may serve.
LOCAL_FILES = "/data/local-files/?d="


@dataclass(frozen=True, kw_only=True)
class Export:
    """What an export wrote."""

    paths: tuple[Path, ...]
    """Of its annotation files."""
    notes: tuple[str, ...]
    """What it could not say."""


def export_annotations(
    layout: str, parts: Mapping[str, CocoDataset], image_root: Path, output_dir: Path
) -> Export:
    """Write data sets in another tool's layout, films included.

    Films are linked into place where the file system allows it, else copied; DICOM films become
    16-bit PNG, which these tools read.

    Args:
        layout: one of `EXPORTS`.
        parts: by name, such as train and val.
        image_root: of the films.
        output_dir: a new or an empty folder.

    Raises:
        InputError: the folder holds something, or a film cannot be used.
        OSError: the output cannot be written.
    """
    if output_dir.exists() and (not output_dir.is_dir() or any(output_dir.iterdir())):
        raise InputError(f"{output_dir}: is not a new or an empty folder; name another")
    for dataset in parts.values():
        require_films(dataset.images, image_root)
    return EXPORTS[layout](parts, image_root, output_dir)


def _export_coco(parts: Mapping[str, CocoDataset], image_root: Path, output_dir: Path) -> Export:
    """Write annotations/instances_PART.json, and all films below images/."""
    paths = []
    for part, dataset in parts.items():
        named = _place_films(dataset, image_root, output_dir / "images")
        paths.append(output_dir / "annotations" / f"instances_{part}.json")
        write_json(_coco_document(dataset, named), paths[-1])
    return Export(paths=tuple(paths), notes=())


def _export_cvat(parts: Mapping[str, CocoDataset], image_root: Path, output_dir: Path) -> Export:
    """Write one annotations/instances_default.json, as CVAT uploads it, and films in images/."""
    whole = _joined(parts)
    named = _place_films(whole, image_root, output_dir / "images")
    document = _coco_document(whole, named)
    for annotation in document["annotations"]:
        scores = {"score": annotation.pop("score")} if "score" in annotation else {}
        annotation["attributes"] = {"occluded": False, **scores}
    path = output_dir / "annotations" / "instances_default.json"
    write_json(document, path)
    return Export(paths=(path,), notes=())


def _export_fiftyone(
    parts: Mapping[str, CocoDataset], image_root: Path, output_dir: Path
) -> Export:
    """Write PART/labels.json and PART/data/, a `COCODetectionDataset` each."""
    paths = []
    for part, dataset in parts.items():
        named = _place_films(dataset, image_root, output_dir / part / "data")
        document = _coco_document(dataset, named)
        for written, lesion in zip(document["annotations"], dataset.annotations, strict=True):
            # FiftyOne keeps further keys as attributes.
            extra = {"lesion_type": lesion.get("lesion_type")}
            written |= {key: value for key, value in extra.items() if value}
        paths.append(output_dir / part / "labels.json")
        write_json(document, paths[-1])
    return Export(paths=tuple(paths), notes=())


def _export_yolo(parts: Mapping[str, CocoDataset], image_root: Path, output_dir: Path) -> Export:
    """Write data.yaml, images/PART/ and labels/PART/, a text file a film."""
    category_ids = sorted({a["category_id"] for part in parts.values() for a in part.annotations})
    number_of = {category_id: number for number, category_id in enumerate(category_ids)}
    crowds = 0
    for part, dataset in parts.items():
        named = _place_films(dataset, image_root, output_dir / "images" / part)
        lesions = dataset.annotations_by_image()
        for image in dataset.images:
            of_image = [a for a in lesions[image["id"]] if not a["iscrowd"]]
            crowds += len(lesions[image["id"]]) - len(of_image)
            lines = [_yolo_line(image, a, number_of[a["category_id"]]) for a in of_image]
            label = Path(named[image["id"]]).with_suffix(".txt")
            write_whole("".join(lines).encode(), output_dir / "labels" / part / label)
    settings = {
        "path": ".",
        **{part: f"images/{part}" for part in parts},
        "names": {number: NAMES[category_id] for category_id, number in number_of.items()},
    }
    path = output_dir / "data.yaml"
    write_whole(yaml.safe_dump(settings, sort_keys=False).encode(), path)
    note = f"{crowds} crowd regions left out, which YOLO has no line for"
    return Export(paths=(path,), notes=(note,) if crowds else ())


def _yolo_line(image: CocoImage, lesion: CocoAnnotation, number: int) -> str:
    x, y, width, height = lesion["bbox"]
    parts = (
        (x + width / 2) / image["width"],
        (y + height / 2) / image["height"],
        width / image["width"],
        height / image["height"],
    )
    return f"{number} {' '.join(f'{part:.9f}' for part in parts)}\n"


def _export_label_studio(
    parts: Mapping[str, CocoDataset], image_root: Path, output_dir: Path
) -> Export:
    """Write tasks.json, label_config.xml, and films in images/, which it serves as local files."""
    whole = _joined(parts)
    named = _place_films(whole, image_root, output_dir / "images")
    lesions = whole.annotations_by_image()
    tasks = [
        {
            "data": {"image": LOCAL_FILES + quote(f"images/{named[image['id']]}")},
            **_label_studio_boxes(image, lesions[image["id"]], whole.description),
        }
        for image in whole.images
    ]
    path = output_dir / "tasks.json"
    write_json(tasks, path)
    labels = "".join(f'<Label value="{name}"/>' for name in NAMES.values())
    config = (
        f'<View><Image name="image" value="$image"/>'
        f'<RectangleLabels name="label" toName="image">{labels}</RectangleLabels></View>\n'
    )
    write_whole(config.encode(), output_dir / "label_config.xml")
    return Export(paths=(path,), notes=())


def _label_studio_boxes(
    image: CocoImage, lesions: list[CocoAnnotation], found_by: str
) -> dict[str, Any]:
    """Return an image's lesions as an annotation, or what was found as a prediction."""
    boxes = [_label_studio_box(image, lesion) for lesion in lesions]
    scores = [lesion["score"] for lesion in lesions if "score" in lesion]
    if scores:
        predicted = {"model_version": found_by, "score": max(scores), "result": boxes}
        return {"predictions": [predicted]}
    return {"annotations": [{"result": boxes}]} if boxes else {}


def _label_studio_box(image: CocoImage, lesion: CocoAnnotation) -> dict[str, Any]:
    """Return a box in percent of the film."""
    x, y, width, height = lesion["bbox"]
    return {
        "id": f"box{lesion['id']}",
        "from_name": "label",
        "to_name": "image",
        "type": "rectanglelabels",
        "original_width": image["width"],
        "original_height": image["height"],
        "image_rotation": 0,
        "value": {
            "x": 100 * x / image["width"],
            "y": 100 * y / image["height"],
            "width": 100 * width / image["width"],
            "height": 100 * height / image["height"],
            "rotation": 0,
            "rectanglelabels": [NAMES[lesion["category_id"]]],
        },
        **({"score": lesion["score"]} if "score" in lesion else {}),
    }


def _joined(parts: Mapping[str, CocoDataset]) -> CocoDataset:
    """Number the images and lesions of all parts anew."""
    images: list[CocoImage] = []
    annotations: list[CocoAnnotation] = []
    for dataset in parts.values():
        id_of = {}
        for image in dataset.images:
            id_of[image["id"]] = len(images) + 1
            images.append({**image, "id": len(images) + 1})
        for lesion in dataset.annotations:
            image_id = id_of[lesion["image_id"]]
            annotations.append({**lesion, "id": len(annotations) + 1, "image_id": image_id})
    (description, *_) = {dataset.description: None for dataset in parts.values()}
    return CocoDataset(images=images, annotations=annotations, description=description)


def _coco_document(dataset: CocoDataset, named: Mapping[int, str]) -> dict[str, Any]:
    used = sorted({*CATEGORY_NAMES, *(a["category_id"] for a in dataset.annotations)})
    return {
        "info": {"description": dataset.description},
        "licenses": [{"id": 0, "name": "", "url": ""}],
        "categories": [{"id": i, "name": NAMES[i], "supercategory": ""} for i in used],
        "images": [{**image, "file_name": named[image["id"]]} for image in dataset.images],
        "annotations": [
            {"segmentation": [], **{key: a[key] for key in COMMON_KEYS if key in a}}  # type: ignore[literal-required]
            for a in dataset.annotations
        ],
    }


def _place_films(dataset: CocoDataset, image_root: Path, folder: Path) -> dict[int, str]:
    """Put the films below a folder, and return their names there by image id."""
    named = {}
    for image in dataset.images:
        source = film_path(image_root, image["file_name"])
        name = Path(image["file_name"])
        if is_dicom(read_head(source)):
            name = name.with_suffix(".png")
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.as_posix() != image["file_name"]:
            write_whole(cv2.imencode(".png", read_grey(source))[1].tobytes(), target)
        else:
            _link_or_copy(source, target)
        named[image["id"]] = name.as_posix()
    return named


def _link_or_copy(source: Path, target: Path) -> None:
    if target.exists():
        return
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)


EXPORTS: dict[str, Callable[[Mapping[str, CocoDataset], Path, Path], Export]] = {
    "coco": _export_coco,
    "yolo": _export_yolo,
    "fiftyone": _export_fiftyone,
    "cvat": _export_cvat,
    "label-studio": _export_label_studio,
}
