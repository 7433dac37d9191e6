"""COCO's layout: JSON files, one for each part where there is a split, and films below."""

from pathlib import Path
from typing import Any

from converters.ddsm_files.disk import DiskIndex
from converters.imports.gathered import Gathered, part_in_path
from converters.notes import find_noting
from converters.records import FindingKind
from formats.coco_reading.options import CocoOptions
from formats.coco_reading.other_formats import is_coco
from formats.coco_reading.reader import read_document
from formats.coco_records import CocoDataset, CocoImage
from formats.errors import InputError
from formats.film_reading.paths import film_path
from formats.json_files.whole import read_json
from formats.labels import CATEGORY_NAMES, UNNAMED_CATEGORY_ID, UNNAMED_LESION

# Of a film and a lesion, what the contract knows of them.
FILM_KEYS = ("case_id", "side", "view", "label", "age", "density")
LESION_KEYS = ("bbox", "area", "segmentation", "lesion_type", "assessment", "subtlety", "iscrowd")
NAMES = {**CATEGORY_NAMES, UNNAMED_CATEGORY_ID: UNNAMED_LESION}


def gather_coco(disk: DiskIndex, options: CocoOptions) -> tuple[Gathered, list[str]]:
    """Gather the films and lesions of all COCO files below a folder.

    Each file is read as any COCO file is; its films are looked for below its own folder, then
    below the root.

    Returns:
        What they say, and what reading changed, by file.

    Raises:
        InputError: there is no COCO file whose films are here, or one cannot be read.
    """
    gathered = Gathered(disk=disk)
    changes: list[str] = []
    names = [name for name in disk.sizes_bytes if name.casefold().endswith(".json")]
    for name in names:
        path = disk.path(name)
        document = read_json(path)
        if is_coco(document):
            gathered.notes.used_files.add(name)
            dataset = read_document(path, document, options, _image_root(document, path, disk))
            changes += [f"{name}: {change}" for change in dataset.changes]
            gathered.description = gathered.description or dataset.description
            _gather_dataset(dataset, name, gathered)
    if not gathered.images:
        raise InputError(
            f"{disk.root}: none of its {len(names)} JSON files is a COCO file whose films are here "
            "and of the size that it says; give the folder that holds both"
        )
    return gathered, changes


def _image_root(document: dict[str, Any], path: Path, disk: DiskIndex) -> Path:
    first = next(iter(document["images"]), None)
    name = first.get("file_name") if isinstance(first, dict) else None
    is_beside = isinstance(name, str) and film_path(path.parent, name).is_file()
    return path.parent if is_beside else disk.root


def _gather_dataset(dataset: CocoDataset, name: str, gathered: Gathered) -> None:
    # Such as train/_annotations.coco.json, train.json, instances_train.json.
    part = part_in_path(name) or part_in_path(f"{Path(name).stem.rpartition('_')[2]}/")
    lesions = dataset.annotations_by_image()
    for image in dataset.images:
        film = _find_film(image, name, gathered)
        if film is None:
            continue
        known: dict[str, Any] = {key: image.get(key) for key in FILM_KEYS}
        image_id = gathered.add_film(film, part or part_in_path(film), **known)
        shape = gathered.shape_of(film)
        if image_id is None or shape is None:
            continue
        if shape != (image["height"], image["width"]):
            said = (
                f"{image['width']}x{image['height']} pixels by {name}, {shape[1]}x{shape[0]} by "
                "its file: the boxes are of another edition"
            )
            gathered.notes.add(FindingKind.ANNOTATION_UNREADABLE, film, said)
            gathered.leave_out(film)
            continue
        for lesion in lesions[image["id"]]:
            said_of: dict[str, Any] = {key: lesion.get(key) for key in LESION_KEYS}
            gathered.add_lesion(image_id, NAMES[lesion["category_id"]], **said_of)


def _find_film(image: CocoImage, coco_file: str, gathered: Gathered) -> str | None:
    """Return a film's name on disk: below the COCO file's folder, the root, or anywhere."""
    disk, name = gathered.disk, image["file_name"]
    for folder in (coco_file.rpartition("/")[0], ""):
        found = film_path(disk.root / folder, name)
        if found.is_file():
            return found.relative_to(disk.root).as_posix()
    return find_noting(name, disk, gathered.notes, FindingKind.IMAGE_MISSING)
