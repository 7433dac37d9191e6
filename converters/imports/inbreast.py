"""INbreast: DICOM films, outlines in XML (Apple's property lists), and a spreadsheet.

Moreira et al. 2012. `AllDICOMs/22678622_61a1..._MG_R_CC_ANON.dcm`, `AllXML/22678622.xml`, and
`INbreast.csv` or `INbreast.xlsx` with `File Name`, `Laterality`, `View`, `ACR` and `Bi-Rads`. The
name's second part stands for the patient. There is no pathology, only BI-RADS, which is not one.
"""

import plistlib
import re
from pathlib import Path
from typing import Any, NamedTuple
from xml.parsers.expat import ExpatError

from converters.ddsm_files.disk import DiskIndex, is_image
from converters.imports.gathered import Gathered
from converters.records import FindingKind
from converters.table_files import TABLE_SUFFIXES, read_cells
from formats.coco_reading.category_words import meaning_of
from formats.errors import InputError

FILM_NAME = re.compile(
    r"(?P<number>\d+)_(?P<patient>[0-9a-f]+)_MG_(?P<side>[LR])_(?P<view>CC|ML|MLO|FB)_",
    re.IGNORECASE,
)
POINT = re.compile(r"\(\s*([-\d.eE+]+)\s*,\s*([-\d.eE+]+)\s*\)")
# Grains of calcium are outlined one by one, thousands of them: lesions are their clusters.
GRAINS = frozenset({"calcification", "calcifications"})
CATEGORY_OF_NAME = {
    "cluster": "calcification",
    "spiculated region": "mass",
    "asymmetry": "asymmetry",
    "assymetry": "asymmetry",
}
MIN_POINTS = 3
BIRADS = re.compile(r"\s*([0-6])")


class _Sheet(NamedTuple):
    """What the spreadsheet says of a film."""

    density: str | None
    assessment: int | None


def gather_inbreast(disk: DiskIndex) -> Gathered:
    """Gather the films, whose names tell patient, side and view, and their outlines.

    Raises:
        InputError: there is no film of INbreast's naming.
    """
    gathered = Gathered(disk=disk, description="INbreast (Moreira et al. 2012)")
    xml_of = {Path(name).stem: name for name in disk.sizes_bytes if name.lower().endswith(".xml")}
    sheet = _read_sheet(gathered)
    for name in list(disk.sizes_bytes):
        film_name = FILM_NAME.match(name.rpartition("/")[2])
        if film_name is None or not (name.lower().endswith(".dcm") or is_image(name)):
            continue
        number = film_name["number"]
        said = sheet.get(number, _Sheet(None, None))
        view = film_name["view"].upper()
        image_id = gathered.add_film(
            name,
            case_id=film_name["patient"],
            side="LEFT" if film_name["side"].upper() == "L" else "RIGHT",
            # Its MLO views are called ML.
            view="MLO" if view == "ML" else view,
            density=said.density,
        )
        if image_id is not None and number in xml_of:
            _add_outlines(xml_of[number], name, image_id, said, gathered)
    if not gathered.images:
        raise InputError(
            f"{disk.root}: no film of INbreast's naming here (such as "
            "22678622_61a13bd2f08a0f9c_MG_R_CC_ANON.dcm); give the folder that holds AllDICOMs"
        )
    return gathered


def _read_sheet(gathered: Gathered) -> dict[str, _Sheet]:
    for name in list(gathered.disk.sizes_bytes):
        if Path(name).suffix.lower() not in TABLE_SUFFIXES:
            continue
        header, *rows = read_cells(gathered.disk.path(name)) or [[]]
        columns = {cell.strip().casefold(): place for place, cell in enumerate(header)}
        if not {"file name", "acr", "bi-rads"} <= columns.keys():
            continue
        gathered.notes.used_files.add(name)
        return {
            row[columns["file name"]].strip().removesuffix(".0"): _Sheet(
                row[columns["acr"]].strip().removesuffix(".0") or None,
                int(grade[1]) if (grade := BIRADS.match(row[columns["bi-rads"]])) else None,
            )
            for row in rows
        }
    return {}


def _add_outlines(
    xml_file: str, film: str, image_id: int, said: _Sheet, gathered: Gathered
) -> None:
    gathered.notes.used_files.add(xml_file)
    try:
        outlines = _read_outlines(gathered.disk.path(xml_file))
    except (ValueError, KeyError, TypeError, AttributeError, ExpatError) as error:
        gathered.notes.add(FindingKind.ANNOTATION_UNREADABLE, xml_file, f"{error}")
        gathered.leave_out(film)
        return
    for name, points in outlines:
        key = name.strip().casefold()
        category = CATEGORY_OF_NAME.get(key, name)
        meaning = meaning_of(category)
        if key in GRAINS or len(points) < MIN_POINTS or meaning is None or not meaning.is_lesion:
            detail = f"'{name}' of {len(points)} points"
            gathered.notes.add(FindingKind.LESION_LEFT_OUT, xml_file, detail)
            continue
        flat = [value for point in points for value in point]
        gathered.add_lesion(image_id, category, segmentation=[flat], assessment=said.assessment)


def _read_outlines(path: Path) -> list[tuple[str, list[tuple[float, float]]]]:
    """Return the name and the points (x, y) of each region.

    Raises:
        ValueError: it is no property list, or not one of regions; so for the other errors.
    """
    with path.open("rb") as file:
        document: Any = plistlib.load(file, fmt=plistlib.FMT_XML)
    outlines = []
    for image in document["Images"]:
        for region in image.get("ROIs", []):
            texts = region.get("Point_px", [])
            matches = [POINT.match(text) for text in texts]
            if None in matches:
                raise ValueError(f"a point of '{region.get('Name')}' is not of two numbers")
            points = [(float(m[1]), float(m[2])) for m in matches if m is not None]
            outlines.append((str(region.get("Name", "")), points))
    return outlines
