"""Mini-DDSM's files: outline masks, `.OVERLAY` chain codes, `.ics` headers and the two tables."""

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd

from converters.ddsm_files.ics import ScanSize
from phantoms.lesions import PhantomLesion

JPEG_QUALITY = 90
SCAN_JITTER_PX = 5
TABLE_NAME = "Dataset.csv"
MANY_MASKS_TABLE_NAME = "Data-MoreThanTwoMasks.xlsx"
MASK_COLUMNS = ("Tumour_Contour", *(f"Tumour_Contour{i}" for i in range(2, 7)))
COLUMNS = ("fullPath", "fileName", "View", "Side", "Status", "Age", "Density", *MASK_COLUMNS)
MASKS_IN_FIRST_TABLE = 2
# Chain-code step 0..7, from north clockwise, by (dx + 1, dy + 1); the middle is no step.
STEP_OF_MOVE = np.array([[7, 6, 5], [0, -1, 4], [1, 2, 3]])
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


class OutlinedLesion(NamedTuple):
    """A lesion as one view shows it."""

    lesion: PhantomLesion
    outline_xy: np.ndarray
    """(N, 2) float64, pixels of the film as stored."""


def sample_scan_size(rng: np.random.Generator, shape_hw: tuple[int, ...]) -> ScanSize:
    """Draw the size of the scan that a film of this shape was reduced from."""
    height, width = (2 * side + int(rng.integers(-SCAN_JITTER_PX, 1)) for side in shape_hw)
    return ScanSize(height, width)


def write_image(image: np.ndarray, path: Path) -> None:
    """Write a (H, W) uint8 image in the format of the path's ending."""
    # OpenCV's own writer does not say that a disk is full.
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if path.suffix == ".jpg" else []
    _, encoded = cv2.imencode(path.suffix, image, options)
    path.write_bytes(encoded.tobytes())


def write_mask(
    rng: np.random.Generator, outline_xy: np.ndarray, shape_hw: tuple[int, ...], path: Path
) -> None:
    """Write an outline, one or two pixels wide, as a JPEG of the film's shape."""
    mask = np.zeros(shape_hw, np.uint8)
    points = np.round(outline_xy).astype(np.int32)
    cv2.polylines(mask, [points], isClosed=True, color=255)
    width_px = int(rng.integers(1, 3))
    write_image(cv2.dilate(mask, np.ones((width_px, width_px), np.uint8)), path)


def write_overlay(
    rng: np.random.Generator,
    lesions: Sequence[OutlinedLesion],
    shape_hw: tuple[int, ...],
    scan: ScanSize,
    path: Path,
) -> None:
    """Write one view's abnormalities, their boundaries in pixels of the original scan."""
    scale_xy = np.array([scan.pixels_per_line / shape_hw[1], scan.lines / shape_hw[0]])
    lines = [f"TOTAL_ABNORMALITIES {len(lesions)}"]
    # Abnormalities are not in the masks' order: only their place tells which is which.
    for number, place in enumerate(rng.permutation(len(lesions)), start=1):
        lesion, outline_xy = lesions[place]
        lines += [f"ABNORMALITY {number}", *_description(rng, lesion)]
        boundary = chain_code(outline_xy * scale_xy)
        has_core = lesion.is_malignant and rng.uniform() < 0.3
        lines += [f"TOTAL_OUTLINES {1 + has_core} ", "BOUNDARY", boundary]
        if has_core:
            centre_xy = outline_xy.mean(axis=0)
            core_xy = centre_xy + 0.5 * (outline_xy - centre_xy)
            lines += ["\tCORE", chain_code(core_xy * scale_xy)]
    path.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")


def _description(rng: np.random.Generator, lesion: PhantomLesion) -> list[str]:
    mass = "IRREGULAR MARGINS SPICULATED" if lesion.is_malignant else "OVAL MARGINS CIRCUMSCRIBED"
    specks = (
        "PLEOMORPHIC DISTRIBUTION CLUSTERED"
        if lesion.is_malignant
        else "ROUND_AND_REGULAR DISTRIBUTION REGIONAL"
    )
    lines = []
    if lesion.has_mass:
        lines.append(f"LESION_TYPE MASS SHAPE {mass}")
    if lesion.has_calcifications:
        lines.append(f"LESION_TYPE CALCIFICATION TYPE {specks}")
    assessment = rng.integers(4, 6) if lesion.is_malignant else rng.integers(2, 5)
    return [
        *lines,
        f"ASSESSMENT {assessment}",
        f"SUBTLETY {lesion.subtlety}",
        f"PATHOLOGY {lesion.pathology}",
    ]


def chain_code(outline_xy: np.ndarray) -> str:
    """Encode a closed (N, 2) outline: start column and row, steps 0..7 from north clockwise."""
    points = np.round(outline_xy).astype(np.int32)
    origin = points.min(axis=0)
    window = np.zeros(np.ptp(points, axis=0)[::-1] + 1, np.uint8)
    cv2.fillPoly(window, [points - origin], 1)
    borders, _ = cv2.findContours(window, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    border = max(borders, key=len)[:, 0, :] + origin
    moves = np.diff(border, axis=0) + 1
    steps = STEP_OF_MOVE[moves[:, 0], moves[:, 1]]
    return " ".join(map(str, [*border[0], *steps, "#"]))


def write_ics(
    case_id: str,
    age_years: int,
    density: int,
    scans: dict[str, tuple[ScanSize, bool]],
    path: Path,
) -> None:
    """Write a case's header; `scans` maps `LEFT_CC` and so on to size and whether it is marked."""
    lines = [
        " ",
        "ics_version 1.0",
        f"filename {case_id.replace('_', '-')}-1",
        "DATE_OF_STUDY 1 1 1990",
        f"PATIENT_AGE {age_years}",
        "FILM ",
        "FILM_TYPE REGULAR",
        f"DENSITY {density}",
        "DATE_DIGITIZED 1 1 2000 ",
        "DIGITIZER PHANTOM",
        "SEQUENCE",
    ]
    for view_name, (scan, is_marked) in scans.items():
        lines.append(
            f"{view_name} LINES {scan.lines} PIXELS_PER_LINE {scan.pixels_per_line} "
            f"BITS_PER_PIXEL 12 RESOLUTION 50 {'OVERLAY' if is_marked else 'NON_OVERLAY'}"
        )
    path.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")


def write_tables(rows: Sequence[dict[str, object]], root: Path) -> None:
    """Write both tables; lesions from the third on stand only in the second."""
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    first = table.copy()
    first[list(MASK_COLUMNS[MASKS_IN_FIRST_TABLE:])] = None
    for column in ("fullPath", "fileName"):
        first[column] = "\\" + first[column]
    first.to_csv(root / TABLE_NAME, index=False, lineterminator="\n")
    workbook = io.BytesIO()
    table.to_excel(workbook, sheet_name="Data", index=False)
    (root / MANY_MASKS_TABLE_NAME).write_bytes(_without_times(workbook.getvalue()))


def _without_times(workbook: bytes) -> bytes:
    """Drop the hour of writing from an .xlsx file, so that the same table gives the same bytes."""
    timeless = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(timeless, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"<dcterms:.*?</dcterms:\w+>", b"", content)
            new.writestr(zipfile.ZipInfo(name, ZIP_EPOCH), content, zipfile.ZIP_DEFLATED)
    return timeless.getvalue()
