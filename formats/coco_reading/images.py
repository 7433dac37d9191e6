"""Images of other people's COCO files."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from formats.coco_reading.category_words import Meaning, meaning_in
from formats.coco_reading.values import as_number, as_text, without_unwritable
from formats.coco_records import CocoImage
from formats.errors import InputError
from formats.faults import Faults
from formats.film_reading.paths import film_path, relative_name
from formats.film_reading.reader import check_film
from formats.labels import LABELS, label_meant_by

SIDE_OF_WORD = {"l": "LEFT", "left": "LEFT", "r": "RIGHT", "right": "RIGHT"}
DENSITY_OF_WORD = {"a": 1, "b": 2, "c": 3, "d": 4, "1": 1, "2": 2, "3": 3, "4": 4}
LABEL_ADVICE = (
    "give Normal, Benign or Cancer, or say what labels mean with --category-map FILE (in a "
    "training, data.category_map=FILE), a line a label: 'M: Cancer'"
)
OPTIONAL_KEYS = ("case_id", "side", "view", "label", "case_status", "age", "density")


def read_image(
    raw: dict[str, Any],
    image_root: Path | None,
    category_map: Mapping[str, Meaning],
    faults: Faults,
    changes: Counter[str],
) -> CocoImage | None:
    """Read one image's record; None where something that is needed is wrong.

    Args:
        raw: the record.
        image_root: of the films, for a size that is not given; None where it is not known.
        category_map: what labels mean, by name.
        faults: takes what is wrong.
        changes: takes what was changed.
    """
    where = f"image {raw.get('id', raw)}"
    name = _file_name(raw, where, faults, changes)
    size = _size(raw, where, name, image_root, faults, changes)
    label = _label(raw, where, category_map, faults, changes)
    if name is None or size is None:
        return None
    kept = without_unwritable(raw, changes)
    image: dict[str, Any] = {**kept, "file_name": name, "width": size[0], "height": size[1]}
    for key in OPTIONAL_KEYS:
        image.pop(key, None)
    known = {
        "case_id": as_text(raw.get("case_id")),
        "side": _side(as_text(raw.get("side"))),
        "view": _upper(as_text(raw.get("view"))),
        "label": label,
        "case_status": label_meant_by(as_text(raw.get("case_status")) or ""),
        "age": _age(raw, changes),
        "density": _density(raw, changes),
    }
    return image | {key: value for key, value in known.items() if value is not None}  # type: ignore[return-value]


def _file_name(
    raw: dict[str, Any], where: str, faults: Faults, changes: Counter[str]
) -> str | None:
    said = raw.get("file_name")
    if not isinstance(said, str) or not said.strip():
        faults.add(f"{where} has no 'file_name'", "add it")
        return None
    name = relative_name(said)
    if name in ("", "."):
        faults.add(f"{where} has file_name '{said}', which names no file", "correct it")
        return None
    if name != said.replace("\\", "/"):
        changes["file name that is not below the image root, looked for there"] += 1
    return name


def _size(
    raw: dict[str, Any],
    where: str,
    name: str | None,
    image_root: Path | None,
    faults: Faults,
    changes: Counter[str],
) -> tuple[int, int] | None:
    """Return width and height in pixels, by the record, else by the film's header."""
    missing = [key for key in ("width", "height") if raw.get(key) in (None, "")]
    if not missing:
        width, height = as_number(raw["width"]), as_number(raw["height"])
        if isinstance(width, int) and isinstance(height, int) and min(width, height) > 0:
            return width, height
        # VIA writes 0 for the sizes of films that it has not shown.
        if (width, height) != (0, 0) or image_root is None:
            faults.add(f"{where} is {raw['width']}x{raw['height']} pixels", "correct its size")
            return None
    if name is None:
        return None
    if image_root is None:
        faults.add(
            f"{where} has no '{missing[0]}'",
            "add width and height in pixels, or give --image-root, to read them from the films",
        )
        return None
    try:
        height_px, width_px = check_film(film_path(image_root, name))
    except InputError as error:
        faults.add(
            f"{where} has no size, and its film cannot tell: {error}", "add width and height"
        )
        return None
    changes["size read from the film, as the file does not give it"] += 1
    return width_px, height_px


def _label(
    raw: dict[str, Any],
    where: str,
    category_map: Mapping[str, Meaning],
    faults: Faults,
    changes: Counter[str],
) -> str | None:
    said = as_text(raw.get("label"))
    if said is None:
        return None
    meaning = meaning_in(category_map, said)
    if meaning is None:
        faults.add(f"{where} has label '{said}'", LABEL_ADVICE)
        return None
    label = meaning.pathology if meaning.is_lesion else LABELS[0]
    if label is None:
        changes[f"label '{said}', which says nothing of the pathology, left out"] += 1
    elif label != said:
        changes[f"label '{said}' read as {label}"] += 1
    return label


def _side(said: str | None) -> str | None:
    return SIDE_OF_WORD.get(said.casefold(), said) if said else None


def _upper(said: str | None) -> str | None:
    return said.upper() if said else None


def _age(raw: dict[str, Any], changes: Counter[str]) -> float | None:
    # DICOM writes `061Y`.
    said = as_text(raw.get("age"))
    age = as_number(said.upper().removesuffix("Y")) if said else None
    if said and (age is None or age <= 0):
        changes[f"age '{said}' left out"] += 1
        return None
    return age


def _density(raw: dict[str, Any], changes: Counter[str]) -> int | None:
    """Return 1 to 4 for `3`, `C`, `DENSITY C` or `ACR c`."""
    said = as_text(raw.get("density"))
    density = DENSITY_OF_WORD.get(said.split()[-1].casefold()) if said else None
    if said not in (None, "0") and density is None:
        changes[f"density '{said}' left out"] += 1
    return density
