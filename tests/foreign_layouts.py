"""Public data sets and annotation tools' folders, drawn to their published layouts."""

import csv
import plistlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
from dicom_files import dicom_film, save_dicom
from small_ddsm import draw_film

SHAPE_HW = (240, 160)
CBIS_COLUMNS = (
    "patient_id", "{density}", "left or right breast", "image view", "abnormality id",
    "abnormality type", "shape", "margins", "assessment", "pathology", "subtlety",
    "image file path", "cropped image file path", "ROI mask file path",
)  # fmt: skip
BOX_XYWH = (40, 60, 50, 70)
UID = "1.3.6.1.4.1.9590.100.1.2"


def write_film(path: Path, name: str | None = None, shape_hw: tuple[int, int] = SHAPE_HW) -> Path:
    """Write a film that is another one for every name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_pixels(path, draw_film(name or path.stem, shape_hw))


def write_pixels(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".dcm":
        return save_dicom(path, dicom_film(pixels, bits_stored=8))
    cv2.imwrite(str(path), pixels)
    return path


def filled_mask(
    box_xywh: tuple[int, int, int, int], shape_hw: tuple[int, int] = SHAPE_HW
) -> np.ndarray:
    """Draw a filled box, 255 on 0."""
    x, y, width, height = box_xywh
    mask = np.zeros(shape_hw, np.uint8)
    mask[y : y + height, x : x + width] = 255
    return mask


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


class CbisDdsm:
    """Grows abnormality by abnormality in one of the editions; `write_tables` makes it complete."""

    def __init__(self, root: Path, edition: str) -> None:
        """Begin with nothing.

        Args:
            root: its folder.
            edition: `dicom`, as its tables say; `nbia`, as the archive's program downloads it;
                `jpeg`, Kaggle's; `png`, turned by hand, named as the tables name films and masks.
        """
        self.root = root
        self.edition = edition
        self.rows: dict[str, list[Sequence[object]]] = {}
        self.info: list[tuple[str, str, str]] = []
        self._count = 0
        self._film_paths: dict[str, str] = {}

    def add(
        self,
        patient: str,
        view: str = "LEFT_CC",
        pathology: str = "MALIGNANT",
        kind: str = "Mass",
        part: str = "Training",
        number: int = 1,
        box_xywh: tuple[int, int, int, int] = BOX_XYWH,
        film: str | None = None,
        is_swapped: bool = False,
    ) -> str:
        """Write a film, its mask and the cut-out, and remember the row; return the film's name."""
        film_id = f"{kind}-{part}_{patient}_{view}"
        roi_id = f"{film_id}_{number}"
        pixels = draw_film(film or film_id)
        x, y, w, h = box_xywh
        if film_id not in self._film_paths:
            series = "full mammogram images"
            self._film_paths[film_id] = self._write(film_id, series, "000000", pixels)
        film_path = self._film_paths[film_id]
        cut_path = self._write(roi_id, "cropped images", "000000", pixels[y : y + h, x : x + w])
        mask_path = self._write(roi_id, "ROI mask images", "000001", filled_mask(box_xywh))
        if is_swapped:
            cut_path, mask_path = mask_path, cut_path
        side, _, projection = view.partition("_")
        word = "train" if part == "Training" else "test"
        table = f"{kind.lower()}_case_description_{word}_set.csv"
        type_word = "mass" if kind == "Mass" else "calcification"
        self.rows.setdefault(table, []).append(
            (
                *(patient, 3, side, projection, number, type_word, "OVAL", "OBSCURED", 4),
                *(pathology, 5, film_path, cut_path + "\n", mask_path + "\n"),
            )
        )
        return film_id

    def _write(self, name: str, series: str, file: str, pixels: np.ndarray) -> str:
        """Write a picture where its edition has it, and return the table's path of it."""
        self._count += 1
        study, uid = (f"{UID}.{kind}.{self._count}" for kind in (1, 2))
        table_path = f"{name}/{study}/{uid}/{file}.dcm"
        numbered = f"1.000000-{series}-{self._count}"
        below = {
            "dicom": table_path,
            "nbia": f"CBIS-DDSM/{name}/07-20-2016-DDSM-NA-1/{numbered}/1-1.dcm",
            "jpeg": f"jpeg/{uid}/1-{self._count:03d}.jpg",
            "png": f"{name}{'_MASK' * ('mask' in series)}{'_CROP' * ('cropped' in series)}.png",
        }[self.edition]
        write_pixels(self.root / below, pixels)
        self.info.append((f"CBIS-DDSM/{below}", name, series))
        return table_path

    def write_tables(self) -> None:
        """Write the rows so far, and Kaggle's own table."""
        folder = self.root / "csv" if self.edition == "jpeg" else self.root
        for table, rows in self.rows.items():
            density = "breast density" if table.startswith("calc") else "breast_density"
            header = [column.format(density=density) for column in CBIS_COLUMNS]
            write_table(folder / table, header, rows)
        if self.edition == "jpeg":
            columns = ["image_path", "PatientID", "SeriesDescription"]
            write_table(folder / "dicom_info.csv", columns, self.info)


def inbreast_xml(*regions: tuple[str, Sequence[tuple[float, float]]]) -> bytes:
    """Write named outlines as INbreast does."""
    described = [
        {
            "Area": 1.0, "Center": "(0, 0, 0)", "IndexInImage": place, "Name": name,
            "NumberOfPoints": len(points), "Point_px": [f"({x:f}, {y:f})" for x, y in points],
        }
        for place, (name, points) in enumerate(regions)
    ]  # fmt: skip
    image = {"ImageIndex": 0, "NumberOfROIs": len(described), "ROIs": described}
    return plistlib.dumps({"Images": [image]}, fmt=plistlib.FMT_XML)


def write_inbreast(root: Path) -> None:
    """Two patients: a mass with grains and a cluster, and a film without a finding."""
    square = [(30.0, 40.0), (79.0, 40.0), (79.0, 99.0), (30.0, 99.0)]
    films = (("20586908", "6c613a14b80a8591", "R_CC"), ("20586934", "6c613a14b80a8591", "L_ML"),
             ("22678622", "61a13bd2f08a0f9c", "R_ML"))  # fmt: skip
    for number, patient, view in films:
        write_film(root / "AllDICOMs" / f"{number}_{patient}_MG_{view}_ANON.dcm")
    folder = root / "AllXML"
    folder.mkdir()
    (folder / "20586908.xml").write_bytes(
        inbreast_xml(
            ("Mass", square),
            ("Calcification", [(5.0, 5.0)]),
            ("Cluster", [(100.0, 10.0), (120.0, 10.0), (120.0, 30.0)]),
            ("Skin Thickening", square),
        )
    )
    header = "Patient ID;Patient age;Laterality;View;Acquisition date;File Name;ACR;Bi-Rads"
    lines = [
        "removed;removed;R;CC;201001;20586908;4;5",
        "removed;removed;R;MLO;201001;22678622;1;1",
    ]
    (root / "INbreast.csv").write_text("\n".join([header, *lines]) + "\n")


def write_mini_mias(root: Path) -> None:
    """Five films: a mass, calcifications without a place, a film of two lesions, a normal one."""
    for number in (1, 2, 3, 4, 5):
        write_film(root / f"mdb{number:03d}.pgm", shape_hw=(256, 256))
    lines = [
        "mdb001 G CIRC B 135 25 20", "mdb002 G CALC M ", "mdb003 D NORM",
        "mdb004 F SPIC M 100 120 30", "mdb004 F ASYM B 60 200 10", "mdb005 F MISC B *NOTE 3*",
    ]  # fmt: skip
    (root / "Info.txt").write_text("INFORMATION:\n=====\n\n" + "\n".join(lines) + "\n")
