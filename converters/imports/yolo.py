"""YOLO's layout: a text file a film, a line a lesion, in parts of the film."""

from collections.abc import Sequence
from typing import NamedTuple

import yaml

from converters.ddsm_files.disk import DiskIndex
from converters.imports.gathered import Gathered, films_of, part_in_path
from converters.records import FindingKind
from formats.errors import InputError

LABEL_SUFFIX = ".txt"
# Names of the classes, one a line, as different programs call the file.
NAME_LISTS = ("classes.txt", "obj.names", "labels.txt", "_darknet.labels")
BOX_NUMBERS = 4
# Rounding may put a box so far outside, in parts of the film.
TOLERANCE = 0.001
# YOLO writes six digits of a part of the film, which is no more of a pixel.
PIXEL_DIGITS = 2


class _Line(NamedTuple):
    class_number: int
    numbers: list[float]
    """Middle x, middle y, width, height, or a polygon's x, y, x, y, ..."""


def gather_yolo(disk: DiskIndex) -> Gathered:
    """Gather the films below a folder, and the text files that belong to them.

    A film's text file lies beside it, or in `labels` where the film lies in `images`. A film
    without one, or with an empty one, has no lesion.

    Raises:
        InputError: the names of the classes are nowhere, or there is no film.
    """
    names = _class_names(disk)
    gathered = Gathered(disk=disk, description="imported from YOLO's layout")
    for film in films_of(gathered):
        image_id = gathered.add_film(film, part_in_path(film))
        if image_id is None:
            continue
        label_file = _label_file(film, disk)
        if label_file is None:
            gathered.notes.add(FindingKind.ANNOTATION_MISSING, film, "no text file beside it")
            continue
        gathered.notes.used_files.add(label_file)
        try:
            lines = _read_lines(label_file, names, disk)
        except InputError as error:
            gathered.notes.add(FindingKind.ANNOTATION_UNREADABLE, label_file, str(error))
            gathered.leave_out(film)
            continue
        for line in lines:
            shape = gathered.shape_of(film) or (0, 0)
            gathered.add_lesion(image_id, names[line.class_number], **_in_pixels(line, shape))
    if not gathered.images:
        raise InputError(f"{disk.root}: no film here; give the folder that holds images and labels")
    return gathered


def _class_names(disk: DiskIndex) -> list[str]:
    for file_name in disk.sizes_bytes:
        if file_name.endswith((".yaml", ".yml")):
            document = _read_yaml(disk, file_name)
            names = document.get("names") if isinstance(document, dict) else None
            if isinstance(names, list):
                return [str(name) for name in names]
            if isinstance(names, dict) and names:
                by_number = {int(number): str(name) for number, name in names.items()}
                return [by_number.get(place, str(place)) for place in range(max(by_number) + 1)]
    for file_name in disk.sizes_bytes:
        if file_name.rpartition("/")[2].casefold() in NAME_LISTS:
            text = disk.path(file_name).read_text(encoding="utf-8-sig")
            return [line.strip() for line in text.splitlines() if line.strip()]
    raise InputError(
        f"{disk.root}: the names of the classes are nowhere; add data.yaml with 'names', or "
        "classes.txt with a name a line"
    )


def _read_yaml(disk: DiskIndex, file_name: str) -> object:
    path = disk.path(file_name)
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not YAML ({error}); correct it") from error


def _label_file(film: str, disk: DiskIndex) -> str | None:
    stem = film.rpartition(".")[0]
    parts = stem.split("/")
    places = [place for place, part in enumerate(parts[:-1]) if part.casefold() == "images"]
    swapped = ["/".join([*parts[:p], "labels", *parts[p + 1 :]]) for p in reversed(places)]
    for candidate in (*swapped, stem):
        if candidate + LABEL_SUFFIX in disk.sizes_bytes:
            return candidate + LABEL_SUFFIX
    return None


def _read_lines(label_file: str, names: Sequence[str], disk: DiskIndex) -> list[_Line]:
    try:
        text = disk.path(label_file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"not text ({error.reason})") from error
    numbered = enumerate(text.splitlines(), start=1)
    return [_read_line(number, line, names) for number, line in numbered if line.strip()]


def _read_line(number: int, line: str, names: Sequence[str]) -> _Line:
    try:
        first, *rest = (float(word) for word in line.split())
    except ValueError as error:
        raise InputError(f"line {number}, '{line[:40]}', is not of numbers") from error
    is_polygon = len(rest) >= 6 and len(rest) % 2 == 0
    if len(rest) != BOX_NUMBERS and not is_polygon:
        raise InputError(f"line {number} has {len(rest) + 1} numbers, where 5 make a box")
    if not first.is_integer() or not 0 <= first < len(names):
        raise InputError(f"line {number} has class {first:g} of {len(names)} named ones")
    if not all(-TOLERANCE <= value <= 1 + TOLERANCE for value in rest):
        raise InputError(f"line {number}, '{line[:40]}', has numbers outside 0..1")
    return _Line(int(first), rest)


def _in_pixels(line: _Line, shape_hw: tuple[int, int]) -> dict[str, list[object]]:
    height_px, width_px = shape_hw
    scaled = [
        value * (height_px if place % 2 else width_px) for place, value in enumerate(line.numbers)
    ]
    if len(scaled) != BOX_NUMBERS:
        return {"segmentation": [scaled]}
    x, y, width, height = scaled
    box = (x - width / 2, y - height / 2, width, height)
    return {"bbox": [round(value, PIXEL_DIGITS) for value in box]}
