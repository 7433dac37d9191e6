"""Reading COCO files, ours or somebody else's: forgiving where nothing has to be guessed.

CVAT, Label Studio, Roboflow, LabelMe's converters, VIA and FiftyOne each write their own kind of
COCO. What is changed on the way in is counted and said; what is wrong is collected over the whole
file and refused in one message.
"""

import logging
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from formats.coco_reading.boxes import BoxReader, lost_boxes_fault, raw_numbers, wrong_layout_fault
from formats.coco_reading.category_words import Meaning, map_advice, meaning_in
from formats.coco_reading.ids import IdMap
from formats.coco_reading.images import read_image
from formats.coco_reading.options import COCO_AS_IT_IS, CocoOptions
from formats.coco_reading.other_formats import refuse_other_format
from formats.coco_reading.shapes import read_segmentation
from formats.coco_reading.values import as_flag, as_number, without_unwritable
from formats.coco_records import CocoAnnotation, CocoDataset, CocoImage
from formats.faults import Faults
from formats.json_files.whole import read_json
from formats.labels import CATEGORY_IDS, CATEGORY_NAMES, UNNAMED_CATEGORY_ID, UNNAMED_LESION

logger = logging.getLogger(__name__)
NO_LESION_CHANGE = "annotation left out: its category '{}' is no lesion"


def read_coco(
    path: Path, options: CocoOptions = COCO_AS_IT_IS, image_root: Path | None = None
) -> CocoDataset:
    """Read a COCO file, ours or somebody else's.

    Ids are numbered from 1 where they are not, categories and labels are read by their words,
    numbers may be texts, boxes come from outlines where there are none and are clipped to their
    image. `changes` says so, and so does a warning each.

    Args:
        path: the file.
        options: what its own words do not tell.
        image_root: of the films, for the sizes that the file does not give.

    Raises:
        InputError: the file is no COCO detection file; or records are wrong, all of which are
            listed: ids that stand twice, annotations of no image, categories that nobody
            understands, boxes in another layout, too many boxes that cannot be.
    """
    document = read_json(path)
    refuse_other_format(path, document)
    return read_document(path, document, options, image_root)


def read_document(
    path: Path, document: dict[str, Any], options: CocoOptions, image_root: Path | None
) -> CocoDataset:
    """Read what a COCO file holds, or what another layout of files was gathered to.

    Args:
        path: what messages call it.
        document: with `images`, `annotations` and `categories`.
        options: what its own words do not tell.
        image_root: of the films, for the sizes that it does not give.

    Raises:
        InputFaultsError: records are wrong, as in `read_coco`.
    """
    dataset = _Reading(path, options, image_root).read(document)
    for change in dataset.changes:
        logger.warning("%s: %s", path, change)
    return dataset


class _Reading:
    """The reading of one file: what it says, what was changed, and what is wrong."""

    def __init__(self, path: Path, options: CocoOptions, image_root: Path | None) -> None:
        self._options = options
        self._image_root = image_root
        self._faults = Faults(path)
        self._changes: Counter[str] = Counter()
        self._path = path

    def read(self, document: dict[str, Any]) -> CocoDataset:
        categories = _Categories(self._records(document, "categories"), self._faults)
        images, image_ids = self._read_images(self._records(document, "images"))
        raw_annotations = self._records(document, "annotations")
        annotations = self._read_annotations(raw_annotations, images, image_ids, categories)
        images, annotations = self._merge_repeated(images, annotations)
        self._faults.raise_any()
        described = [f"{count} x {what}" for what, count in sorted(self._changes.items())]
        info = document.get("info")
        description = str(info.get("description") or "") if isinstance(info, dict) else ""
        return CocoDataset(
            images=images, annotations=annotations, description=description, changes=described
        )

    def _records(self, document: dict[str, Any], section: str) -> list[dict[str, Any]]:
        records = document.get(section, [])
        if not isinstance(records, list):
            self._faults.add(f"'{section}' is no list", "write it as COCO has it")
            return []
        for place, record in enumerate(records):
            if not isinstance(record, dict):
                self._faults.add(
                    f"{section}[{place}] is {str(record)[:40]}, no record",
                    f"correct or remove what is in '{section}'",
                )
        return [record for record in records if isinstance(record, dict)]

    def _read_images(self, raw_images: list[dict[str, Any]]) -> tuple[list[CocoImage], IdMap]:
        ids = IdMap("image", [raw.get("id") for raw in raw_images], self._faults, self._changes)
        images: list[CocoImage] = []
        for number, raw in zip(ids.numbers, raw_images, strict=True):
            image = read_image(
                raw, self._image_root, self._options.category_map, self._faults, self._changes
            )
            if image is not None and number is not None:
                images.append({**image, "id": number})
        return images, ids

    def _read_annotations(
        self,
        raw_annotations: list[dict[str, Any]],
        images: list[CocoImage],
        image_ids: IdMap,
        categories: "_Categories",
    ) -> list[CocoAnnotation]:
        ids = IdMap(
            "annotation",
            [raw.get("id") for raw in raw_annotations],
            self._faults,
            self._changes,
            may_lack=True,
        )
        by_id = {image["id"]: image for image in images}
        layout = [
            (numbers, by_id.get(image_ids.find(raw.get("image_id")) or 0))
            for raw in raw_annotations
            if (numbers := raw_numbers(raw.get("bbox"))) is not None
        ]
        wrong_layout_fault(layout, self._options.bbox_format, self._faults)
        boxes = BoxReader(self._options.bbox_format, self._changes)
        annotations = []
        for number, raw in zip(ids.numbers, raw_annotations, strict=True):
            image = self._image_of(raw, image_ids, by_id)
            meaning = self._meaning_of(raw, categories)
            if image is None or (meaning is not None and not meaning.is_lesion):
                continue
            # Of a category that nobody understands too: all that is wrong is to be said.
            annotation = self._read_annotation(raw, image, meaning or Meaning(), boxes)
            if annotation is not None and meaning is not None and number is not None:
                annotations.append({**annotation, "id": number})
        if categories.unclear:
            self._faults.add(categories.describe(), map_advice(categories.unclear))
        self._changes.update(categories.changes())
        if not self._options.allow_lost_boxes:
            lost_boxes_fault(boxes, self._faults)
        return annotations  # type: ignore[return-value]

    def _image_of(
        self, raw: dict[str, Any], image_ids: IdMap, by_id: dict[int, CocoImage]
    ) -> CocoImage | None:
        image_id = image_ids.find(raw.get("image_id"))
        if image_id is None:
            self._faults.add(
                f"annotation {raw.get('id')} belongs to image {raw.get('image_id')}, which is not "
                "listed",
                "list the image, or remove the annotation",
            )
            return None
        # An image that is wrong itself has been noted.
        return by_id.get(image_id)

    def _meaning_of(self, raw: dict[str, Any], categories: "_Categories") -> Meaning | None:
        name = categories.name_of(raw.get("category_id"))
        if name is None:
            self._faults.add(
                f"annotation {raw.get('id')} has category {raw.get('category_id')}, which is not "
                "listed",
                "add the category with its name, or remove the annotation",
            )
            return None
        meaning = meaning_in(self._options.category_map, name)
        categories.count(name, meaning)
        if meaning is None:
            return None
        if not meaning.is_lesion:
            self._changes[NO_LESION_CHANGE.format(name)] += 1
        stated = _with_stated_pathology(raw, meaning, self._options)
        if stated.pathology != meaning.pathology:
            self._changes["pathology taken from the annotation's own attribute"] += 1
        return stated

    def _read_annotation(
        self, raw: dict[str, Any], image: CocoImage, meaning: Meaning, boxes: BoxReader
    ) -> CocoAnnotation | None:
        where = f"annotation {raw.get('id')}"
        shape = read_segmentation(raw, where, image, self._faults)
        box = boxes.read(raw, where, image, shape)
        if box is None:
            return None
        category_id = CATEGORY_IDS.get(meaning.pathology or "", UNNAMED_CATEGORY_ID)
        annotation: CocoAnnotation = {
            **without_unwritable(
                {k: v for k, v in raw.items() if k != "segmentation"}, self._changes
            ),  # type: ignore[typeddict-item]
            "image_id": image["id"],
            "category_id": category_id,
            "bbox": box,
            "iscrowd": int(self._is_crowd(raw)),
        }
        if shape is not None and shape.polygons:
            annotation["segmentation"] = shape.polygons
        # No lesion is larger than its box, which may have been clipped, and no area is NaN.
        area = as_number(raw.get("area"))
        if area is None or area <= 0:
            area = shape.area_px if shape is not None else math.inf
        annotation["area"] = min(area, box[2] * box[3])
        if not annotation.get("lesion_type"):
            annotation.pop("lesion_type", None)
            if meaning.lesion_type:
                annotation["lesion_type"] = meaning.lesion_type
        for key in ("assessment", "subtlety", "pathology_source"):
            if annotation.get(key) in (None, ""):
                annotation.pop(key, None)  # type: ignore[misc]
        return annotation

    def _is_crowd(self, raw: dict[str, Any]) -> bool:
        if not as_flag(raw.get("iscrowd")):
            return False
        if not is_brush_mask(raw):
            return True
        self._changes["brush mask of CVAT, which marks it as a crowd, read as a lesion"] += 1
        return False

    def _merge_repeated(
        self, images: list[CocoImage], annotations: list[CocoAnnotation]
    ) -> tuple[list[CocoImage], list[CocoAnnotation]]:
        """Make one image of those of one name, if their boxes agree, and one lesion of the same."""
        lesions_of: dict[int, list[CocoAnnotation]] = {image["id"]: [] for image in images}
        for annotation in annotations:
            lesions_of[annotation["image_id"]].append(annotation)
        first_of: dict[str, CocoImage] = {}
        for image in images:
            lesions_of[image["id"]] = list(self._without_copies(image, lesions_of[image["id"]]))
            first = first_of.setdefault(image["file_name"], image)
            if first is image:
                continue
            if _agree(first, image, lesions_of):
                self._changes["image listed again with the same boxes, left out"] += 1
            else:
                self._faults.add(
                    f"{image['file_name']} stands twice, with other boxes, sizes or labels",
                    "keep one of each, with all its boxes",
                )
        kept = list(first_of.values())
        kept_ids = {image["id"] for image in kept}
        is_kept = {id(a) for image_id in kept_ids for a in lesions_of[image_id]}
        return kept, [a for a in annotations if id(a) in is_kept]

    def _without_copies(
        self, image: CocoImage, lesions: list[CocoAnnotation]
    ) -> Iterator[CocoAnnotation]:
        seen: dict[tuple[float, ...], CocoAnnotation] = {}
        for lesion in lesions:
            first = seen.setdefault(tuple(lesion["bbox"]), lesion)
            if first is lesion:
                yield lesion
            elif first["category_id"] == lesion["category_id"]:
                self._changes["the same box given again, left out"] += 1
            else:
                names = [
                    CATEGORY_NAMES.get(a["category_id"], UNNAMED_LESION) for a in (first, lesion)
                ]
                self._faults.add(
                    f"annotations {first['id']} and {lesion['id']} of {image['file_name']} are one "
                    f"box, {names[0]} and {names[1]}",
                    "keep the one that is right",
                )


class _Categories:
    """The categories by id, and how often each name was used and not understood."""

    def __init__(self, raw_categories: list[dict[str, Any]], faults: Faults) -> None:
        self._names: dict[str, str] = {}
        self._used: Counter[str] = Counter()
        self._meanings: dict[str, Meaning | None] = {}
        for raw in raw_categories:
            if raw.get("id") is None:
                faults.add(f"category {raw} has no 'id'", "give each category its id")
                continue
            key = _category_key(raw["id"])
            name = str(raw.get("name") or key)
            if self._names.get(key, name) != name:
                faults.add(
                    f"category id {raw['id']} stands for two classes, '{self._names[key]}' and "
                    f"'{name}'",
                    "give each an id of its own",
                )
            self._names[key] = name

    def name_of(self, category_id: Any) -> str | None:
        return self._names.get(_category_key(category_id))

    def count(self, name: str, meaning: Meaning | None) -> None:
        self._used[name] += 1
        self._meanings[name] = meaning

    @property
    def unclear(self) -> list[str]:
        return [name for name, meaning in self._meanings.items() if meaning is None]

    def changes(self) -> list[str]:
        """Say which names in use, or their ids, are not the contract's own."""
        said = []
        ids = {name: key for key, name in self._names.items()}
        for name, meaning in self._meanings.items():
            if meaning is None or not meaning.is_lesion:
                continue
            own_name = meaning.pathology or UNNAMED_LESION
            own_id = CATEGORY_IDS.get(own_name, UNNAMED_CATEGORY_ID)
            if (ids[name], name) != (str(own_id), own_name):
                said.append(
                    f"category {ids[name]} '{name}' ({self._used[name]} annotations) read as "
                    f"{own_id} '{own_name}'"
                    + (f", {meaning.lesion_type}" * bool(meaning.lesion_type))
                )
        return said

    def describe(self) -> str:
        said = [
            f"'{name}' ({self._used[name]} annotations) is {meaning or 'not understood'}"
            for name, meaning in self._meanings.items()
        ]
        return f"category names: {', '.join(said)}"


def is_brush_mask(raw: dict[str, Any]) -> bool:
    """Tell a lesion that was painted in CVAT, whose export calls every mask a crowd."""
    attributes, outline = raw.get("attributes"), raw.get("segmentation")
    return isinstance(attributes, dict) and "occluded" in attributes and isinstance(outline, dict)


def _category_key(category_id: Any) -> str:
    number = as_number(category_id)
    return str(int(number)) if number is not None and number == int(number) else str(category_id)


def _with_stated_pathology(raw: dict[str, Any], meaning: Meaning, options: CocoOptions) -> Meaning:
    """Take a lesion's pathology from its own attribute, where its category gives none."""
    if not meaning.is_lesion or meaning.pathology is not None:
        return meaning
    attributes = raw.get("attributes")
    stated = raw.get("pathology") or (
        attributes.get("pathology") if isinstance(attributes, dict) else None
    )
    said = meaning_in(options.category_map, stated) if isinstance(stated, str) else None
    if said is None or said.pathology is None:
        return meaning
    return Meaning(pathology=said.pathology, lesion_type=meaning.lesion_type or said.lesion_type)


def _agree(
    first: CocoImage, second: CocoImage, lesions_of: dict[int, list[CocoAnnotation]]
) -> bool:
    def content(image: CocoImage) -> tuple[object, ...]:
        lesions = lesions_of[image["id"]]
        boxes = sorted((lesion["category_id"], *lesion["bbox"]) for lesion in lesions)
        return image["width"], image["height"], image.get("label"), boxes

    return content(first) == content(second)
