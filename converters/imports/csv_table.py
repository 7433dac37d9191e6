"""A table of lesions: a row a box, or a row a film without one."""

from collections.abc import Sequence
from pathlib import Path

from converters.ddsm_files.disk import DiskIndex, is_image
from converters.imports.gathered import PART_OF_FOLDER, Gathered, part_in_path
from converters.notes import find_noting
from converters.records import FindingKind
from converters.table_files import TABLE_SUFFIXES, read_cells
from formats.coco_reading.values import as_number
from formats.errors import InputError
from formats.film_reading.paths import relative_name

# What others call a column, in lower case and without blanks and underscores.
NAMES = {
    "file_name": ("filename", "file", "image", "imagefile", "imagename", "imagepath", "path",
                  "imageid", "fullpath", "filepath"),
    "category": ("class", "label", "category", "categories", "name", "pathology", "classname",
                 "findingcategories", "type", "abnormality"),
    "case_id": ("caseid", "case", "patientid", "patient", "studyid", "subject", "subjectid"),
    "side": ("side", "laterality", "breast", "leftorright", "imagelaterality"),
    "view": ("view", "viewposition", "imageview", "projection"),
    "age": ("age", "patientage"),
    "density": ("density", "breastdensity"),
    "part": ("split", "part", "subset", "set"),
    "x": ("x", "left", "xmin", "x1", "bboxx"),
    "y": ("y", "top", "ymin", "y1", "bboxy"),
    "right": ("xmax", "x2", "right"),
    "bottom": ("ymax", "y2", "bottom"),
    "width": ("width", "w", "bboxwidth", "bboxw", "boxwidth"),
    "height": ("height", "h", "bboxheight", "bboxh", "boxheight"),
}  # fmt: skip
KNOWN = ("case_id", "side", "view", "age", "density")
NO_VALUE = frozenset({"", "-", "nan", "none", "null"})


def gather_csv(disk: DiskIndex) -> Gathered:
    """Gather the rows of the tables in a folder.

    Columns are known by their names: a film's file; a category; a box as left, top, right and
    bottom or as left, top, width and height; and, where there are, patient, side, view, age,
    density and part of a split. A row without a box is a film without a lesion.

    Raises:
        InputError: there is no table, or a column that is needed is missing.
    """
    tables = [name for name in disk.sizes_bytes if Path(name).suffix.lower() in TABLE_SUFFIXES]
    if not tables:
        raise InputError(
            f"{disk.root}: no csv or xlsx table here; add the one that lists the boxes"
        )
    gathered = Gathered(disk=disk, description="imported from a table")
    for table in tables:
        gathered.notes.used_files.add(table)
        _gather_table(disk.path(table), table, gathered)
    if not gathered.images:
        raise InputError(
            f"{disk.root}: none of the films of {', '.join(tables)} is here; give the folder that "
            "holds table and films"
        )
    return gathered


def _gather_table(path: Path, table: str, gathered: Gathered) -> None:
    header, *rows = read_cells(path) or [[]]
    columns = _columns(path, header)
    part_of_table = part_in_path(f"{Path(table).stem}/")
    spoiled: set[str] = set()
    for number, cells in enumerate(rows, start=2):
        row = {key: _value(cells[place]) for key, place in columns.items()}
        if not any(cells) or not row["file_name"]:
            continue
        film = find_noting(
            _file_name(row["file_name"], gathered.disk),
            gathered.disk,
            gathered.notes,
            FindingKind.IMAGE_MISSING,
        )
        if film is None:
            continue
        part = PART_OF_FOLDER.get((row.get("part") or "").casefold(), part_of_table)
        known = {key: row.get(key) for key in KNOWN}
        image_id = gathered.add_film(film, part or part_in_path(film), **known)
        try:
            bbox = _box(row)
        except InputError as error:
            where = f"{table}, row {number}"
            gathered.notes.add(FindingKind.ANNOTATION_UNREADABLE, where, f"{film}: {error}")
            spoiled.add(film)
            continue
        if image_id is None:
            continue
        if bbox is not None:
            gathered.add_lesion(image_id, row.get("category") or "lesion", bbox=bbox)
        elif row.get("category"):
            gathered.add_film(film, label=row["category"])
    for film in spoiled:
        gathered.leave_out(film)


def _columns(path: Path, header: Sequence[str]) -> dict[str, int]:
    keys = [cell.strip().casefold().replace("_", "").replace(" ", "") for cell in header]
    columns = {
        meant: keys.index(found)
        for meant, names in NAMES.items()
        if (found := next((name for name in names if name in keys), None)) is not None
    }
    has_corners = {"x", "y", "right", "bottom"} <= columns.keys()
    if has_corners:
        # The film's own size then.
        columns = {key: place for key, place in columns.items() if key not in ("width", "height")}
    missing = [
        "the film's file (such as 'file_name')" * ("file_name" not in columns),
        "the box ('xmin', 'ymin', 'xmax', 'ymax' or 'x', 'y', 'width', 'height')"
        * (not has_corners and not {"x", "y", "width", "height"} <= columns.keys()),
    ]
    if any(missing):
        shown = [cell.strip() for cell in header]
        raise InputError(
            f"{path}: no column for {' and for '.join(filter(None, missing))} among {shown}; name "
            "them so in the first row"
        )
    return columns


def _value(cell: str) -> str | None:
    text = cell.strip()
    return None if text.casefold() in NO_VALUE else text


def _file_name(said: str, disk: DiskIndex) -> str:
    name = relative_name(said)
    # Some tables list the stem alone; the ending is then the disk's to tell.
    return name if is_image(name) or name in disk.sizes_bytes else f"{name}.png"


def _box(row: dict[str, str | None]) -> list[float] | None:
    """Return left, top, width and height; None where the row has no box."""
    keys = ("x", "y", "right", "bottom") if "right" in row else ("x", "y", "width", "height")
    texts = [row.get(key) for key in keys]
    if not any(texts):
        return None
    numbers = [as_number((text or "").replace(",", ".")) for text in texts]
    if None in numbers:
        raise InputError(f"its box is {texts}, no four numbers")
    x, y, right, bottom = (float(value) for value in numbers if value is not None)
    return [x, y, right - x, bottom - y] if "right" in row else [x, y, right, bottom]
