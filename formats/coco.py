"""The COCO contract between the packages: its records, its one writer and its forgiving reader."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from formats.errors import InputError
from formats.labels import CATEGORY_IDS, CATEGORY_NAMES, label_meant_by

# Not used here: the reports still look for it here.
from formats.labels import LABELS as LABELS
from formats.whole_file import write_whole

# Kept: `json.dumps` would make one for each record.
ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


class CocoImage(TypedDict):
    """One view. `file_name` is relative to the image root, sizes are in pixels as stored."""

    id: int
    file_name: str
    width: int
    height: int
    case_id: NotRequired[str]
    side: NotRequired[str]
    view: NotRequired[str]
    label: NotRequired[str]
    case_status: NotRequired[str]
    """The patient's label by the folder; a Normal view of another status is a doubtful one."""
    age: NotRequired[float]
    density: NotRequired[int]
    sibling_view_marked: NotRequired[bool]


class CocoAnnotation(TypedDict):
    """One lesion. `bbox` is xywh in pixels, `area` the filled contour's in square pixels."""

    id: int
    image_id: int
    category_id: int
    bbox: list[float]
    area: float
    iscrowd: int
    segmentation: NotRequired[list[list[float]]]
    lesion_type: NotRequired[str]
    assessment: NotRequired[int]
    subtlety: NotRequired[int]
    pathology_source: NotRequired[str]


@dataclass(kw_only=True)
class CocoDataset:
    """Views and their lesions. Views without lesions are kept: they are the negatives."""

    images: list[CocoImage]
    annotations: list[CocoAnnotation]
    description: str = ""
    changes: list[str] = field(default_factory=list)
    """What reading had to change, one sentence each; never written."""

    def annotations_by_image(self) -> dict[int, list[CocoAnnotation]]:
        """Map every image id to its lesions, an empty list for a negative."""
        by_image: dict[int, list[CocoAnnotation]] = {image["id"]: [] for image in self.images}
        for annotation in self.annotations:
            by_image[annotation["image_id"]].append(annotation)
        return by_image

    def subset(self, images: Iterable[CocoImage]) -> "CocoDataset":
        """Keep these images and their lesions, with the ids they have."""
        kept = list(images)
        kept_ids = {image["id"] for image in kept}
        annotations = [a for a in self.annotations if a["image_id"] in kept_ids]
        return CocoDataset(images=kept, annotations=annotations, description=self.description)


def write_coco(dataset: CocoDataset, path: Path) -> None:
    """Write the contract's JSON, one record a line; the same data set gives the same bytes.

    Raises:
        ValueError: a number is NaN or infinite, which JSON has no word for.
    """
    sections = {
        "info": json.dumps({"description": dataset.description, "version": "1"}),
        "licenses": "[]",
        "categories": _one_a_line(coco_categories()),
        "images": _one_a_line(dataset.images),
        "annotations": _one_a_line(dataset.annotations),
    }
    body = ",\n".join(f'"{name}": {text}' for name, text in sections.items())
    write_whole(f"{{\n{body}\n}}\n".encode(), path)


def _one_a_line(records: Sequence[Mapping[str, Any]]) -> str:
    return "[\n" + ",\n".join(map(ENCODER.encode, records)) + "\n]"


def coco_categories() -> list[dict[str, Any]]:
    """Return the `categories` list of the contract."""
    return [
        {"id": category_id, "name": name, "supercategory": "tumor"}
        for category_id, name in CATEGORY_NAMES.items()
    ]


def write_json(document: Any, path: Path) -> None:
    """Write JSON with a stable layout, whole or not at all.

    Raises:
        ValueError: the document holds NaN or an infinity, which JSON has no word for.
    """
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    # File names may hold what UTF-8 has no sign for; Python's escape of it is JSON's too.
    write_whole(text.encode(errors="backslashreplace"), path)


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        InputError: the file is missing or no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not JSON ({error}); check the file") from error


def read_coco(path: Path) -> CocoDataset:
    """Read a COCO file, ours or somebody else's.

    Ids from 0 are renumbered, class names are matched by meaning, boxes are clipped to their image
    and boxes without a finite positive area are dropped; `changes` says so.

    Raises:
        InputError: the file is no COCO detection file, an id stands twice, an annotation belongs
            to no image, or a category is neither benign nor cancer.
    """
    document = read_json(path)
    if not isinstance(document, dict) or not isinstance(document.get("images"), list):
        raise InputError(
            f"{path}: no COCO file (no list 'images'); see docs/formats.md for its form"
        )
    try:
        return _read_document(path, document)
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise InputError(
            f"{path}: a record is not as COCO has it ({type(error).__name__}: {error}); correct it"
        ) from error


def _read_document(path: Path, document: dict[str, Any]) -> CocoDataset:
    changes: Counter[str] = Counter()
    category_of = _category_map(path, document.get("categories", []), changes)
    images = [_read_image(path, raw) for raw in document["images"]]
    raw_annotations = document.get("annotations", [])
    _check_unique_ids(path, "image", [image["id"] for image in images])
    _check_unique_ids(path, "annotation", [raw.get("id") for raw in raw_annotations])
    _refuse_normalised_boxes(path, raw_annotations)
    image_shift = _shift_to_start_at_one(images, "image", changes)
    by_id = {image["id"]: image for image in images}
    annotations: list[CocoAnnotation] = []
    for raw in raw_annotations:
        annotation = _read_annotation(path, raw, category_of, image_shift, by_id, changes)
        if annotation is not None:
            annotations.append(annotation)
    _shift_to_start_at_one(annotations, "annotation", changes)
    described = [f"{count} x {what}" for what, count in sorted(changes.items())]
    description = str((document.get("info") or {}).get("description", ""))
    return CocoDataset(
        images=images, annotations=annotations, description=description, changes=described
    )


def _category_map(path: Path, categories: Any, changes: Counter[str]) -> dict[int, int]:
    mapping: dict[int, int] = {}
    for category in categories:
        name = str(category.get("name", ""))
        meant_id = CATEGORY_IDS.get(label_meant_by(name) or "")
        # An unused parent class is common in exported files; only a class in use is refused.
        if meant_id is None:
            continue
        if mapping.get(category["id"], meant_id) != meant_id:
            raise InputError(f"{path}: category id {category['id']} stands for two classes")
        mapping[category["id"]] = meant_id
        meant_name = CATEGORY_NAMES[meant_id]
        if (category["id"], name) != (meant_id, meant_name):
            changes[f"category {category['id']} '{name}' read as {meant_id} '{meant_name}'"] += 1
    if categories and not mapping:
        names = [category.get("name") for category in categories]
        raise InputError(f"{path}: categories {names} hold neither Benign nor Cancer; rename them")
    return mapping


def _read_image(path: Path, raw: dict[str, Any]) -> CocoImage:
    for key in ("id", "file_name", "width", "height"):
        if key not in raw:
            raise InputError(f"{path}: image {raw.get('id', raw)} has no '{key}'; add it")
    if not (0 < raw["width"] < math.inf and 0 < raw["height"] < math.inf):
        raise InputError(
            f"{path}: image {raw['id']} is {raw['width']}x{raw['height']} pixels; correct its size"
        )
    image: CocoImage = {**raw}  # type: ignore[typeddict-item]
    image["file_name"] = str(raw["file_name"]).replace("\\", "/")
    return image


def _check_unique_ids(path: Path, kind: str, ids: list[Any]) -> None:
    repeated = [i for i, count in Counter(ids).items() if count > 1]
    if repeated:
        raise InputError(
            f"{path}: {kind} id {repeated[0]} stands {ids.count(repeated[0])} times; "
            "give each its own"
        )


def _refuse_normalised_boxes(path: Path, raw_annotations: list[dict[str, Any]]) -> None:
    """Refuse boxes that are parts of their film: in pixels, all would lie in its first corner."""
    boxes = [raw["bbox"] for raw in raw_annotations if "bbox" in raw]
    if boxes and all(0 <= value <= 1 for box in boxes for value in box) and any(map(any, boxes)):
        raise InputError(
            f"{path}: all {len(boxes)} boxes lie in 0..1, such as {boxes[0]}: they are normalised "
            "to their image; multiply them by its width and height in pixels"
        )


def _shift_to_start_at_one(records: Any, kind: str, changes: Counter[str]) -> int:
    """Add one to all ids where the lowest is 0: pycocotools takes id 0 for 'no match'."""
    if not records or min(record["id"] for record in records) > 0:
        return 0
    shift = 1 - min(record["id"] for record in records)
    for record in records:
        record["id"] += shift
    changes[f"{kind} ids started at {1 - shift}, moved up by {shift}"] += 1
    return shift


def _read_annotation(
    path: Path,
    raw: dict[str, Any],
    category_of: dict[int, int],
    image_shift: int,
    images_by_id: dict[int, CocoImage],
    changes: Counter[str],
) -> CocoAnnotation | None:
    where = f"{path}: annotation {raw.get('id')}"
    image_id = raw.get("image_id", math.nan) + image_shift
    if image_id not in images_by_id:
        raise InputError(f"{where} belongs to image {raw.get('image_id')}, which is not listed")
    if raw.get("category_id") not in category_of:
        raise InputError(
            f"{where} has category {raw.get('category_id')}, neither Benign nor Cancer; "
            "rename or remove it"
        )
    if "bbox" not in raw:
        raise InputError(f"{where} has no 'bbox'; add it")
    box = _clipped_xywh(raw["bbox"], images_by_id[image_id])
    if box is None:
        changes["box dropped: not finite, empty, or outside its image"] += 1
        return None
    if box != list(raw["bbox"]):
        changes["box clipped to its image"] += 1
    annotation: CocoAnnotation = {
        **raw,  # type: ignore[typeddict-item]
        "image_id": image_id,
        "category_id": category_of[raw["category_id"]],
        "bbox": box,
    }
    # No lesion is larger than its box, which may have been clipped, and no area is NaN.
    box_area = box[2] * box[3]
    if not annotation.get("area", math.inf) <= box_area:
        annotation["area"] = box_area
    annotation.setdefault("iscrowd", 0)
    return annotation


def _clipped_xywh(box_xywh: Any, image: CocoImage) -> list[float] | None:
    if len(box_xywh) != 4 or not all(math.isfinite(value) for value in box_xywh):
        return None
    x, y, width, height = box_xywh
    if x >= 0 and y >= 0 and x + width <= image["width"] and y + height <= image["height"]:
        return list(box_xywh) if width > 0 and height > 0 else None
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + width, image["width"]), min(y + height, image["height"])
    if right <= left or bottom <= top:
        return None
    return [left, top, right - left, bottom - top]
