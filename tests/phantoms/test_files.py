import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from converters.ddsm_files.ics import ScanSize
from formats.film_reading.pictures import read_picture
from phantoms.files import (
    COLUMNS,
    OutlinedLesion,
    chain_code,
    sample_scan_size,
    write_ics,
    write_image,
    write_mask,
    write_overlay,
    write_tables,
)
from phantoms.lesions import PhantomLesion

SHAPE_HW = (400, 240)
LESION = PhantomLesion(
    pathology="MALIGNANT",
    has_mass=True,
    has_calcifications=True,
    depth_px=100,
    across={"CC": 0.0, "MLO": 0.0},
    outline_radius_px=30,
    contrast=0.2,
)
STEPS_XY = np.array([[0, -1], [1, -1], [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1]])


def circle_xy(centre_xy: tuple[float, float], radius_px: float) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    return np.column_stack([np.cos(angle), np.sin(angle)]) * radius_px + centre_xy


def decoded(code: str) -> np.ndarray:
    *numbers, end = code.split()
    assert end == "#"
    start, steps = np.array(numbers[:2], int), np.array(numbers[2:], int)
    return np.vstack([start, start + np.cumsum(STEPS_XY[steps], axis=0)])


def test_chain_code_of_a_square_is_counted_by_hand() -> None:
    points = decoded(chain_code(np.array([[10.0, 20], [12, 20], [12, 22], [10, 22]])))

    assert {tuple(point) for point in points} == {
        (10, 20), (11, 20), (12, 20), (12, 21), (12, 22), (11, 22), (10, 22), (10, 21),
    }  # fmt: skip
    # Consecutive points touch, and the last one touches the first.
    assert np.abs(points[-1] - points[0]).max() == 1


def test_chain_code_follows_the_outline() -> None:
    outline_xy = circle_xy((100.4, 80.7), 33.3)

    points = decoded(chain_code(outline_xy))

    radius = np.hypot(*(points - (100.4, 80.7)).T)
    assert radius.min() > 31.5
    assert radius.max() < 34.5


def test_overlay_scales_to_the_scan_and_names_the_pathology(tmp_path: Path) -> None:
    near, far = circle_xy((60, 100), 20), circle_xy((150, 300), 40)
    benign = replace(LESION, pathology="BENIGN", has_calcifications=False)
    lesions = [OutlinedLesion(LESION, near), OutlinedLesion(benign, far)]
    scan = ScanSize(lines=795, pixels_per_line=484)
    path = tmp_path / "view.OVERLAY"

    write_overlay(np.random.default_rng(0), lesions, SHAPE_HW, scan, path)

    lines = path.read_text().splitlines()
    assert lines[0] == "TOTAL_ABNORMALITIES 2"
    pathologies = [line.split()[1] for line in lines if line.startswith("PATHOLOGY")]
    boundaries = [decoded(lines[i + 1]) for i, line in enumerate(lines) if line == "BOUNDARY"]
    middles = {
        name: points.mean(axis=0) / (484 / 240, 795 / 400)
        for name, points in zip(pathologies, boundaries, strict=True)
    }
    assert middles["MALIGNANT"] == pytest.approx([60, 100], abs=1)
    assert middles["BENIGN"] == pytest.approx([150, 300], abs=1)


def test_one_abnormality_may_list_two_lesion_types(tmp_path: Path) -> None:
    path = tmp_path / "view.OVERLAY"
    lesion = OutlinedLesion(LESION, circle_xy((60, 100), 20))

    write_overlay(np.random.default_rng(0), [lesion], SHAPE_HW, ScanSize(800, 480), path)

    kinds = [line.split()[1] for line in path.read_text().splitlines() if "LESION_TYPE" in line]
    assert kinds == ["MASS", "CALCIFICATION"]


def test_cores_come_after_their_boundary(tmp_path: Path) -> None:
    texts = []
    for seed in range(20):
        path = tmp_path / f"{seed}.OVERLAY"
        lesion = OutlinedLesion(LESION, circle_xy((60, 100), 20))
        write_overlay(np.random.default_rng(seed), [lesion], SHAPE_HW, ScanSize(800, 480), path)
        texts.append(path.read_text())

    with_core = [text for text in texts if "CORE" in text]
    assert 0 < len(with_core) < 20
    for text in with_core:
        assert "TOTAL_OUTLINES 2" in text
        assert text.index("BOUNDARY") < text.index("CORE")


def test_mask_is_a_thin_outline_in_noise(tmp_path: Path) -> None:
    path = tmp_path / "mask.jpg"

    write_mask(np.random.default_rng(0), circle_xy((120, 200), 50), SHAPE_HW, path)

    mask = read_picture(path)
    assert mask.shape == SHAPE_HW
    bright = mask > 127
    assert 250 < bright.sum() < 800
    assert not bright[200, 120]
    assert ((mask > 0) & (mask < 128)).sum() > 500


def test_scan_is_about_twice_the_film() -> None:
    scans = [sample_scan_size(np.random.default_rng(seed), SHAPE_HW) for seed in range(30)]

    assert all(795 <= scan.lines <= 800 for scan in scans)
    assert all(475 <= scan.pixels_per_line <= 480 for scan in scans)
    assert len(set(scans)) > 10


def test_ics_gives_sizes_and_marks(tmp_path: Path) -> None:
    path = tmp_path / "A-0001-1.ics"
    scans = {"LEFT_CC": (ScanSize(795, 484), True), "LEFT_MLO": (ScanSize(800, 480), False)}

    write_ics("A_0001", 61, 2, scans, path)

    lines = path.read_text().splitlines()
    assert "filename A-0001-1" in lines
    assert "LEFT_CC LINES 795 PIXELS_PER_LINE 484 BITS_PER_PIXEL 12 RESOLUTION 50 OVERLAY" in lines
    assert lines[-1].endswith("NON_OVERLAY")


def table_row(masks: int) -> dict[str, object]:
    values: list[object] = ["Cancer\\0001\\C_0001_1.LEFT_CC.jpg", "C_0001_1.LEFT_CC.jpg"]
    values += ["CC", "LEFT", "Cancer", 61, 2]
    values += [f"Cancer\\0001\\mask{i}.jpg" for i in range(masks)]
    return dict(zip(COLUMNS, values + [None] * (6 - masks), strict=True))


def test_third_lesion_stands_in_the_second_table_only(tmp_path: Path) -> None:
    write_tables([table_row(masks=4)], tmp_path)

    first = pd.read_csv(tmp_path / "Dataset.csv").iloc[0]
    second = pd.read_excel(tmp_path / "Data-MoreThanTwoMasks.xlsx").iloc[0]
    assert first["fullPath"] == "\\Cancer\\0001\\C_0001_1.LEFT_CC.jpg"
    assert first.filter(like="Tumour").count() == 2
    assert second.filter(like="Tumour").count() == 4


def test_workbook_does_not_tell_the_time(tmp_path: Path) -> None:
    write_tables([table_row(masks=1)], tmp_path)

    workbook = (tmp_path / "Data-MoreThanTwoMasks.xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"dcterms:modified" not in archive.read("docProps/core.xml")


def test_image_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_image(np.zeros(SHAPE_HW, np.uint8), tmp_path / "missing" / "film.jpg")
