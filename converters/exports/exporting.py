"""Data sets -> what other tools open: COCO, YOLO, FiftyOne, CVAT and Label Studio."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from converters.exports.exported_films import (
    FilmNames,
    film_names,
    place_films,
    require_usable_films,
)
from formats.coco_records import CocoAnnotation, CocoDataset, CocoImage
from formats.errors import InputError
from formats.film_reading.reader import PRESENTED_MAMMOGRAMS, DicomOptions
from formats.json_files.whole import write_json
from formats.labels import CATEGORY_NAMES, UNNAMED_CATEGORY_ID, UNNAMED_LESION
from formats.whole_file import write_whole

NAMES = {**CATEGORY_NAMES, UNNAMED_CATEGORY_ID: UNNAMED_LESION}
# What these tools have no place for is left out of their files.
COMMON_KEYS = ("id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation", "score")
# What data.yaml keeps for itself, and the folder that loaders look for in a film's path.
YOLO_WORDS = frozenset(
    {"path", "names", "nc", "download", "yaml_file", "channels", "kpt_shape", "kpt_names"}
    | {"flip_idx", "images"}
)

# How Label Studio calls a file below the folder that it may serve.
LOCAL_FILES = "/data/local-files/?d="


@dataclass(frozen=True, kw_only=True)
class Export:
    """What an export wrote."""

    paths: tuple[Path, ...]
    """Of its annotation files."""
    notes: tuple[str, ...]
    """What it could not say."""


@dataclass(frozen=True, kw_only=True)
class _Job:
    """What is exported, and whereto."""

    parts: Mapping[str, CocoDataset]
    names: FilmNames
    image_root: Path
    output_dir: Path
    dicom: DicomOptions

    def name_of(self, image: CocoImage) -> str:
        return self.names.by_listed[image["file_name"]]

    def place(self, images: Iterable[CocoImage], folder: Path) -> None:
        names = {image["file_name"]: self.name_of(image) for image in images}
        place_films(names, self.image_root, folder, self.dicom)

    def place_all(self) -> None:
        place_films(self.names.by_listed, self.image_root, self.output_dir / "images", self.dicom)


def export_annotations(
    layout: str,
    parts: Mapping[str, CocoDataset],
    image_root: Path,
    output_dir: Path,
    dicom: DicomOptions = PRESENTED_MAMMOGRAMS,
) -> Export:
    """Write data sets in another tool's layout, films included, whole or not at all.

    Films are linked into place where the file system allows it, else copied; DICOM films, and
    pictures of kinds that these tools do not read, become PNG of their own depth.

    Args:
        layout: one of `EXPORTS`.
        parts: by name, such as train and val.
        image_root: of the films.
        output_dir: a new or an empty folder.
        dicom: how DICOM films are read.

    Raises:
        InputError: the folder holds something, a film cannot be used or is of another size than
            listed, or the layout keeps a part's name for itself.
        OSError: the output cannot be written.
    """
    if output_dir.exists() and (not output_dir.is_dir() or any(output_dir.iterdir())):
        raise InputError(f"{output_dir}: is not a new or an empty folder; name another")
    if layout == "yolo":
        _require_yolo_names(parts)
    images = [image for dataset in parts.values() for image in dataset.images]
    require_usable_films(images, image_root, dicom)
    job = _Job(
        parts=parts,
        names=film_names(images, image_root, flat=layout == "yolo"),
        image_root=image_root,
        output_dir=output_dir,
        dicom=dicom,
    )
    stood_before = output_dir.exists()
    try:
        export = EXPORTS[layout](job)
    except BaseException:
        _empty(output_dir, keep=stood_before)
        raise
    return Export(paths=export.paths, notes=(*job.names.notes, *export.notes))


def _empty(folder: Path, *, keep: bool) -> None:
    """Remove what an export that failed has written, and the folder unless it stood before."""
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _export_coco(job: _Job) -> Export:
    """Write annotations/instances_PART.json, and all films below images/."""
    job.place_all()
    paths = []
    for part, dataset in job.parts.items():
        paths.append(job.output_dir / "annotations" / f"instances_{part}.json")
        write_json(_coco_document(dataset, job), paths[-1])
    return Export(paths=tuple(paths), notes=())


def _export_cvat(job: _Job) -> Export:
    """Write one annotations/instances_default.json, as CVAT uploads it, and films in images/."""
    job.place_all()
    document = _coco_document(_joined(job.parts), job)
    for annotation in document["annotations"]:
        scores = {"score": annotation.pop("score")} if "score" in annotation else {}
        annotation["attributes"] = {"occluded": False, **scores}
    path = job.output_dir / "annotations" / "instances_default.json"
    write_json(document, path)
    return Export(paths=(path,), notes=())


def _export_fiftyone(job: _Job) -> Export:
    """Write PART/labels.json and PART/data/, a `COCODetectionDataset` each."""
    paths = []
    for part, dataset in job.parts.items():
        job.place(dataset.images, job.output_dir / part / "data")
        document = _coco_document(dataset, job)
        for written, lesion in zip(document["annotations"], dataset.annotations, strict=True):
            # FiftyOne keeps further keys as attributes.
            extra = {"lesion_type": lesion.get("lesion_type")}
            written |= {key: value for key, value in extra.items() if value}
        paths.append(job.output_dir / part / "labels.json")
        write_json(document, paths[-1])
    return Export(paths=tuple(paths), notes=())


def _export_yolo(job: _Job) -> Export:
    """Write data.yaml, images/PART/ and labels/PART/ without folders, a text file a film."""
    lesions = [lesion for dataset in job.parts.values() for lesion in dataset.annotations]
    number_of = {category_id: number for number, category_id in enumerate(_category_ids(lesions))}
    for part, dataset in job.parts.items():
        job.place(dataset.images, job.output_dir / "images" / part)
        by_image = dataset.annotations_by_image()
        for image in dataset.images:
            lines = [
                _yolo_line(image, lesion, number_of[lesion["category_id"]])
                for lesion in by_image[image["id"]]
                if not lesion["iscrowd"]
            ]
            label = Path(job.name_of(image)).with_suffix(".txt")
            write_whole("".join(lines).encode(), job.output_dir / "labels" / part / label)
    # Without a `path`, which would be relative to where a training starts, not to this file.
    settings = {
        **{part: f"images/{part}" for part in job.parts},
        "names": {number: NAMES[category_id] for category_id, number in number_of.items()},
    }
    path = job.output_dir / "data.yaml"
    write_whole(yaml.safe_dump(settings, sort_keys=False).encode(), path)
    return Export(paths=(path,), notes=tuple(_left_out_by_yolo(lesions)))


def _require_yolo_names(parts: Iterable[str]) -> None:
    """Refuse parts of names that mean something else in data.yaml, or in the films' paths.

    Raises:
        InputError: there is one.
    """
    for part in parts:
        if part.casefold() in YOLO_WORDS:
            raise InputError(
                f"{part}: a part is called as its file, and '{part}' means something else in "
                f"YOLO's layout; rename the file {part}.json, for example to train.json"
            )


def _left_out_by_yolo(lesions: list[CocoAnnotation]) -> Iterator[str]:
    crowds = sum(lesion["iscrowd"] for lesion in lesions)
    if crowds:
        yield f"{crowds} crowd regions left out, which YOLO has no line for"
    scores = sum("score" in lesion for lesion in lesions)
    if scores:
        yield (
            f"the scores of {scores} boxes left out, which YOLO's labels have no place for; "
            "--lowest-score chooses boxes by them"
        )


def _yolo_line(image: CocoImage, lesion: CocoAnnotation, number: int) -> str:
    x, y, width, height = lesion["bbox"]
    parts = (
        (x + width / 2) / image["width"],
        (y + height / 2) / image["height"],
        width / image["width"],
        height / image["height"],
    )
    return f"{number} {' '.join(f'{part:.9f}' for part in parts)}\n"


def _export_label_studio(job: _Job) -> Export:
    """Write tasks.json, label_config.xml, and films in images/, which it serves as local files."""
    job.place_all()
    whole = _joined(job.parts)
    lesions = whole.annotations_by_image()
    tasks = [
        {
            "data": {"image": LOCAL_FILES + quote(f"images/{job.name_of(image)}")},
            **_label_studio_boxes(image, lesions[image["id"]], whole.description),
        }
        for image in whole.images
    ]
    path = job.output_dir / "tasks.json"
    write_json(tasks, path)
    labels = "".join(f'<Label value="{name}"/>' for name in NAMES.values())
    config = (
        f'<View><Image name="image" value="$image"/>'
        f'<RectangleLabels name="label" toName="image">{labels}</RectangleLabels></View>\n'
    )
    write_whole(config.encode(), job.output_dir / "label_config.xml")
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


def _category_ids(lesions: Iterable[CocoAnnotation]) -> list[int]:
    """Return Benign and Cancer, whether they occur or not, and what else does."""
    return sorted({*CATEGORY_NAMES, *(lesion["category_id"] for lesion in lesions)})


def _coco_document(dataset: CocoDataset, job: _Job) -> dict[str, Any]:
    return {
        "info": {"description": dataset.description},
        "licenses": [{"id": 0, "name": "", "url": ""}],
        "categories": [
            {"id": category_id, "name": NAMES[category_id], "supercategory": ""}
            for category_id in _category_ids(dataset.annotations)
        ],
        "images": [{**image, "file_name": job.name_of(image)} for image in dataset.images],
        "annotations": [
            {"segmentation": [], **{key: a[key] for key in COMMON_KEYS if key in a}}  # type: ignore[literal-required]
            for a in dataset.annotations
        ],
    }


EXPORTS: dict[str, Callable[[_Job], Export]] = {
    "coco": _export_coco,
    "yolo": _export_yolo,
    "fiftyone": _export_fiftyone,
    "cvat": _export_cvat,
    "label-studio": _export_label_studio,
}
