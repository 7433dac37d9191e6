"""mini-MIAS: `Info.txt` with a circle a lesion, y from the bottom, and PGM films in pairs.

Suckling et al. 1994, in the edition of 1024 x 1024 pixels. A line is a film's number, its tissue
(F, G, D), what is on it, B or M, and the middle and the radius of a circle in pixels.
"""

import re
from typing import NamedTuple

from converters.ddsm_files.disk import DiskIndex
from converters.imports.gathered import Gathered
from converters.records import FindingKind
from formats.errors import InputError

INFO_NAME = "info.txt"
LINE = re.compile(
    r"(?P<film>mdb(?P<number>\d{3})\w*)\s+(?P<tissue>[FGD])\s+(?P<kind>[A-Z]{4})(?P<rest>.*)"
)
CIRCLE = re.compile(r"\s*(?P<severity>[BM])\b\s*(?:(\d+)\s+(\d+)\s+(\d+))?")
NORMAL = "NORM"
TYPE_OF_KIND = {
    "CALC": "calcification",
    "CIRC": "mass",
    "SPIC": "mass",
    "MISC": "mass",
    "ARCH": "architectural distortion",
    "ASYM": "asymmetry",
}
PATHOLOGY_OF_LETTER = {"B": "Benign", "M": "Malignant"}


class _Entry(NamedTuple):
    film: str
    number: int
    kind: str
    rest: str


def gather_mini_mias(disk: DiskIndex) -> Gathered:
    """Gather the films that `Info.txt` lists.

    Films come in pairs: even numbers are left breasts, odd ones right breasts, and 2n - 1 and 2n
    are one patient's. All are MLO views.

    Raises:
        InputError: `Info.txt` or all of its films are missing.
    """
    info = next((n for n in disk.sizes_bytes if n.casefold().endswith(INFO_NAME)), None)
    if info is None:
        raise InputError(f"{disk.root}: no Info.txt here; give the folder of mini-MIAS that has it")
    gathered = Gathered(disk=disk, description="mini-MIAS (Suckling et al. 1994)")
    gathered.notes.used_files.add(info)
    entries = _entries(disk.path(info).read_text(encoding="latin-1"))
    placeless = set()
    for entry in entries:
        film = _find_film(entry.film, gathered)
        image_id = gathered.add_film(film, **_known(entry)) if film else None
        if film is None or image_id is None or entry.kind == NORMAL:
            continue
        circle = CIRCLE.match(entry.rest)
        if entry.kind not in TYPE_OF_KIND or circle is None:
            detail = f"{entry.film} {entry.kind}{entry.rest}"
            gathered.notes.add(FindingKind.ANNOTATION_UNREADABLE, film, detail)
            placeless.add(film)
        elif circle[2] is None:
            placeless.add(film)
            detail = f"{entry.kind} without a circle"
            gathered.notes.add(FindingKind.LESION_WITHOUT_PLACE, film, detail)
        else:
            height_px = (gathered.shape_of(film) or (0, 0))[0]
            x, y_from_bottom, radius = (int(circle[group]) for group in (2, 3, 4))
            category = f"{PATHOLOGY_OF_LETTER[circle['severity']]} {TYPE_OF_KIND[entry.kind]}"
            # Rows count from the top, and the lowest row's y is 0.
            y = height_px - 1 - y_from_bottom
            bbox = [x - radius, y - radius, 2 * radius + 1, 2 * radius + 1]
            gathered.add_lesion(image_id, category, bbox=bbox)
    for film in placeless:
        gathered.leave_out(film)
    if not gathered.images:
        raise InputError(f"{disk.root}: none of the {len(entries)} films of {info} can be used")
    return gathered


def _entries(text: str) -> list[_Entry]:
    matches = (LINE.match(line.strip()) for line in text.splitlines())
    return [_Entry(m["film"], int(m["number"]), m["kind"], m["rest"]) for m in matches if m]


def _find_film(stem: str, gathered: Gathered) -> str | None:
    match = gathered.disk.find(f"{stem}.pgm")
    if match is None:
        gathered.notes.add(FindingKind.IMAGE_MISSING, f"{stem}.pgm", "not on disk")
        return None
    return match.file_name


def _known(entry: _Entry) -> dict[str, str]:
    side = "RIGHT" if entry.number % 2 else "LEFT"
    return {"case_id": f"MIAS_{(entry.number + 1) // 2:03d}", "side": side, "view": "MLO"}
