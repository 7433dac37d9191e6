"""The COCO contract between the packages: the door to its records, its writer and its reader."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from formats.coco_reading.options import COCO_AS_IT_IS, BboxFormat, CocoOptions, coco_options
from formats.coco_reading.reader import read_coco
from formats.coco_records import CocoAnnotation, CocoDataset, CocoImage, require_pathology
from formats.json_files.whole import read_json, write_json
from formats.labels import CATEGORY_NAMES, LABELS, UNNAMED_CATEGORY_ID, UNNAMED_LESION
from formats.whole_file import write_whole

__all__ = [
    "COCO_AS_IT_IS",
    "LABELS",
    "BboxFormat",
    "CocoAnnotation",
    "CocoDataset",
    "CocoImage",
    "CocoOptions",
    "coco_categories",
    "coco_options",
    "read_coco",
    "read_json",
    "require_pathology",
    "write_coco",
    "write_json",
]

# Kept: `json.dumps` would make one for each record.
ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def write_coco(dataset: CocoDataset, path: Path) -> None:
    """Write the contract's JSON, one record a line; the same data set gives the same bytes.

    Raises:
        ValueError: a number is NaN or infinite, which JSON has no word for.
    """
    sections = {
        "info": json.dumps({"description": dataset.description, "version": "1"}),
        "licenses": "[]",
        "categories": _one_a_line(coco_categories(dataset)),
        "images": _one_a_line(dataset.images),
        "annotations": _one_a_line(dataset.annotations),
    }
    body = ",\n".join(f'"{name}": {text}' for name, text in sections.items())
    # File names may hold what UTF-8 has no sign for; Python's escape of it is JSON's too.
    write_whole(f"{{\n{body}\n}}\n".encode(errors="backslashreplace"), path)


def _one_a_line(records: Sequence[Mapping[str, Any]]) -> str:
    return "[\n" + ",\n".join(map(ENCODER.encode, records)) + "\n]"


def coco_categories(dataset: CocoDataset) -> list[dict[str, Any]]:
    """Return the `categories` list of the contract: with lesions of no pathology, if there are."""
    names = dict(CATEGORY_NAMES)
    if any(a["category_id"] == UNNAMED_CATEGORY_ID for a in dataset.annotations):
        names[UNNAMED_CATEGORY_ID] = UNNAMED_LESION
    return [
        {"id": category_id, "name": name, "supercategory": "tumor"}
        for category_id, name in names.items()
    ]
