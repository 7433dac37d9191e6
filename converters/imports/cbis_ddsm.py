"""CBIS-DDSM: four tables of cases, films and masks as DICOM, PNG, or Kaggle's JPEG edition.

Lee et al. 2017. A row is an abnormality; its paths begin with the name that the film and the mask
have in every edition (`Mass-Training_P_00001_LEFT_CC`, and `..._1` for the mask), and their last
folder is the series, which Kaggle's edition is sorted by. Mask and cut-out stand in either column,
and are told apart by their size.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from converters.ddsm_files.disk import DiskIndex
from converters.ddsm_files.mask_files import read_mask
from converters.ddsm_files.outlines import ASPECT_TOLERANCE, Region, lesion_region
from converters.imports.gathered import Gathered
from converters.records import FindingKind
from converters.table_files import read_cells
from formats.dicom_reading.reader import DicomOptions, read_dicom
from formats.dicom_reading.signature import is_dicom
from formats.errors import InputError
from formats.film_reading.reader import IMAGE_SUFFIXES, check_film, read_grey, read_head

TABLE_NAME = re.compile(r"(mass|calc)_case_description_(train|test)_set\.csv", re.IGNORECASE)
DICOM_INFO_NAME = "dicom_info.csv"
OBJECT_NAME = re.compile(
    r"(?:Mass|Calc)-(?:Training|Test)_P_\d+_(?:LEFT|RIGHT)_(?:CC|MLO)(?:_\d+)?"
)
SERIES = re.compile(r"\d+(?:\.\d+){5,}")
FILM_SUFFIXES = IMAGE_SUFFIXES | {".dcm"}
ANY_KIND = DicomOptions(any_modality=True)
# Each is filled, which is no oddity here.
EXPECTED = FindingKind.MASK_ALREADY_FILLED


class _Abnormality(NamedTuple):
    """A row."""

    part: str
    cells: Mapping[str, str]

    @property
    def patient(self) -> str:
        return self.cells["patient_id"]

    @property
    def film_path(self) -> str:
        return self.cells["image file path"]

    @property
    def mask_paths(self) -> tuple[str, ...]:
        return self.cells["ROI mask file path"], self.cells["cropped image file path"]


def gather_cbis_ddsm(disk: DiskIndex) -> Gathered:
    """Gather the abnormalities of the case tables, with the films and masks that are there.

    A film that stands in the tables of masses and of calcifications is one film with the lesions of
    both.

    Raises:
        InputError: there is no case table, one is not as published, or none of the films is here.
    """
    gathered = Gathered(disk=disk, description="CBIS-DDSM (Lee et al. 2017)")
    rows = list(_read_tables(gathered))
    files = _Files(disk)
    spoiled: set[str] = set()
    films = _find_films(rows, files, gathered)
    for row in rows:
        film = films.get(row.film_path)
        shape = gathered.shape_of(film) if film else None
        if film is None or shape is None:
            continue
        image_id = gathered.add_film(film, row.part, **_known(row))
        region = _read_region(row, shape, files, gathered)
        if region is None or image_id is None:
            spoiled.add(film)
            continue
        cells = row.cells
        gathered.add_lesion(
            image_id,
            f"{cells['pathology']} {cells['abnormality type']}",
            bbox=list(region.bbox_xywh),
            area=region.area_px,
            segmentation=[region.polygon_xy.ravel().tolist()],
            assessment=_grade(cells["assessment"]),
            subtlety=_grade(cells["subtlety"]),
        )
    for film in spoiled:
        gathered.leave_out(film)
    if not gathered.images:
        raise InputError(
            f"{disk.root}: none of the {len(rows)} abnormalities' films is here with its mask, the "
            f"first being {rows[0].film_path}; give the folder that holds tables and films"
        )
    return gathered


class _Files:
    """Films and masks on disk by the name of what they show, and by their series."""

    def __init__(self, disk: DiskIndex) -> None:
        self._disk = disk
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for file_name in disk.sizes_bytes:
            if Path(file_name).suffix.lower() not in FILM_SUFFIXES:
                continue
            for key in {m[0] for p in file_name.split("/") if (m := _key_of_part(p))}:
                self._by_name[key].append(file_name)
        self._add_dicom_info()

    def find(self, paths: Iterable[str]) -> list[str]:
        """Return the files that the tables' paths may mean."""
        found: dict[str, None] = {}
        for path in paths:
            if path in self._disk.sizes_bytes:
                found[path] = None
            for part in path.split("/"):
                if _key_of_part(part):
                    found |= dict.fromkeys(self._by_name[part])
        return list(found)

    def _add_dicom_info(self) -> None:
        """Index Kaggle's files by the names that its own table gives them."""
        table = next((n for n in self._disk.sizes_bytes if n.endswith(DICOM_INFO_NAME)), None)
        if table is None:
            return
        header, *rows = read_cells(self._disk.path(table)) or [[]]
        if not {"image_path", "PatientID"} <= set(header):
            return
        path_column, name_column = header.index("image_path"), header.index("PatientID")
        file_of_tail = {_tail(file_name): file_name for file_name in self._disk.sizes_bytes}
        for cells in rows:
            file_name = file_of_tail.get(_tail(cells[path_column]))
            if file_name is not None and file_name not in self._by_name[cells[name_column]]:
                self._by_name[cells[name_column]].append(file_name)


def _key_of_part(part: str) -> re.Match[str] | None:
    return OBJECT_NAME.match(part) or SERIES.fullmatch(part)


def _tail(file_name: str) -> str:
    return "/".join(file_name.split("/")[-2:])


def _read_tables(gathered: Gathered) -> Iterable[_Abnormality]:
    disk = gathered.disk
    tables = [n for n in disk.sizes_bytes if TABLE_NAME.fullmatch(n.rpartition("/")[2])]
    if not tables:
        raise InputError(
            f"{disk.root}: no case table here (such as mass_case_description_train_set.csv); add "
            "those of CBIS-DDSM"
        )
    for table in tables:
        gathered.notes.used_files.add(table)
        header, *rows = read_cells(disk.path(table)) or [[]]
        # The tables of calcifications write `breast density`, those of masses `breast_density`.
        columns = [cell.strip().replace("breast density", "breast_density") for cell in header]
        missing = [name for name in COLUMNS if name not in columns]
        if missing:
            raise InputError(
                f"{disk.path(table)}: no column {missing}, as CBIS-DDSM's tables have; give the "
                "table as it was published"
            )
        part = "train" if "_train_" in table.casefold() else "test"
        for cells in rows:
            # Paths end in line feeds.
            record = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
            yield _Abnormality(part, record)


COLUMNS = (
    "patient_id", "breast_density", "left or right breast", "image view", "abnormality type",
    "assessment", "pathology", "subtlety", "image file path", "cropped image file path",
    "ROI mask file path",
)  # fmt: skip


def _find_films(rows: Iterable[_Abnormality], files: _Files, gathered: Gathered) -> dict[str, str]:
    """Return the film on disk by the tables' path; one for two paths that show one film."""
    films: dict[str, str] = {}
    alike: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in rows:
        if row.film_path in films:
            continue
        candidates = [c for c in files.find([row.film_path]) if _is_film(c)]
        if not candidates:
            gathered.notes.add(FindingKind.IMAGE_MISSING, row.film_path, "not on disk")
            continue
        film = max(candidates, key=lambda c: np.prod(_shape(gathered.disk.path(c)) or (0, 0)))
        view = row.patient, row.cells["left or right breast"], row.cells["image view"]
        same = [other for other in alike[view] if _show_the_same(film, other, gathered)]
        films[row.film_path] = same[0] if same else film
        if same:
            detail = f"also {film}, whose lesions are taken together with its own"
            gathered.notes.add(FindingKind.FILM_REPEATED, same[0], detail)
        else:
            alike[view].append(film)
    return films


def _is_film(file_name: str) -> bool:
    """Leave out masks and cut-outs, whose names end in the abnormality's number."""
    names = [m[0] for p in file_name.split("/") if (m := OBJECT_NAME.match(p))]
    return not any(re.search(r"_\d+$", name) for name in names)


def _show_the_same(first: str, second: str, gathered: Gathered) -> bool:
    if first == second or gathered.shape_of(first) != gathered.shape_of(second):
        return first == second
    try:
        one, other = (read_grey(gathered.disk.path(name)) for name in (first, second))
    except InputError:
        return False
    return np.array_equal(one, other)


def _known(row: _Abnormality) -> dict[str, str]:
    cells = row.cells
    return {
        "case_id": row.patient,
        "side": cells["left or right breast"],
        "view": cells["image view"],
        "density": cells["breast_density"],
    }


def _read_region(
    row: _Abnormality, film_shape_hw: tuple[int, int], files: _Files, gathered: Gathered
) -> Region | None:
    name = row.mask_paths[0]
    sized = [(c, _shape(gathered.disk.path(c))) for c in files.find(row.mask_paths)]
    fitting = [(c, s) for c, s in sized if s is not None and _is_alike(s, film_shape_hw)]
    if not fitting:
        found = f"{len(sized)} files, none of the film's shape" if sized else "not on disk"
        gathered.notes.add(FindingKind.MASK_MISSING, name, found)
        return None
    mask_file, shape = max(fitting, key=lambda one: one[1][0] * one[1][1])
    if shape != film_shape_hw:
        sizes = f"{shape[1]}x{shape[0]}, the film {film_shape_hw[1]}x{film_shape_hw[0]} pixels"
        gathered.notes.add(FindingKind.MASK_OF_OTHER_SIZE, mask_file, sizes)
    try:
        region = lesion_region(_read_any_mask(gathered.disk.path(mask_file)), film_shape_hw)
    except InputError as error:
        gathered.notes.add_error(FindingKind.MASK_UNREADABLE, mask_file, error)
        return None
    if region is None:
        gathered.notes.add(FindingKind.MASK_EMPTY, mask_file, "nothing stands out")
        return None
    for oddity, detail in region.oddities.items():
        if oddity != EXPECTED:
            gathered.notes.add(oddity, mask_file, detail)
    return region


def _shape(path: Path) -> tuple[int, int] | None:
    try:
        return check_film(path, ANY_KIND)
    except InputError:
        # Cut-outs may be smaller than any film.
        return None


def _is_alike(shape_hw: tuple[int, int], film_shape_hw: tuple[int, int]) -> bool:
    ratio = (shape_hw[1] / shape_hw[0]) / (film_shape_hw[1] / film_shape_hw[0])
    # Cut-outs may have the film's shape by chance, but never half its height.
    return abs(ratio - 1) <= ASPECT_TOLERANCE and 2 * shape_hw[0] >= film_shape_hw[0]


def _read_any_mask(path: Path) -> np.ndarray:
    if is_dicom(read_head(path)):
        return read_dicom(path, ANY_KIND)[0]
    return read_mask(path)


def _grade(cell: str) -> int | None:
    return int(cell) if cell.isascii() and cell.isdigit() else None
