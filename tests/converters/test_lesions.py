from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from small_ddsm import SHAPE_HW, draw_outline, overlay_text
from views import make_row

from converters.ddsm_files.disk import DiskIndex
from converters.ddsm_files.ics import ScanSize
from converters.lesions import read_lesions
from converters.notes import Notes
from converters.records import Finding, FindingKind, Lesion, TableRow

BOXES = ((20, 30, 20, 20), (90, 150, 20, 20))
# Where an OVERLAY has them: the scan is twice the film's size.
OF_FIRST = (40, 60)
OF_SECOND = (180, 300)


@pytest.fixture
def row(tmp_path: Path) -> TableRow:
    """A view of a Cancer case with two masks on disk and no OVERLAY yet."""
    row = make_row("C_0001", "Cancer", masks=2)
    (tmp_path / row.image_file).parent.mkdir(parents=True)
    for name, box in zip(row.mask_files, BOXES, strict=True):
        cv2.imwrite(str(tmp_path / name), draw_outline(box))
    return row


def read(
    root: Path, row: TableRow, overlay: str | None = None, scan: ScanSize | None = None
) -> tuple[tuple[Lesion, ...], Notes]:
    if overlay is not None:
        (root / row.image_file).with_suffix(".OVERLAY").write_text(overlay)
    notes = Notes()
    return read_lesions(row, row.image_file, SHAPE_HW, scan, DiskIndex(root), notes), notes


def kinds(notes: Notes) -> list[FindingKind]:
    return [finding.kind for finding in notes.findings]


def test_a_case_without_overlay_labels_its_lesions(tmp_path: Path, row: TableRow) -> None:
    lesions, notes = read(tmp_path, row)

    assert [lesion.mask_file for lesion in lesions] == list(row.mask_files)
    for lesion, box in zip(lesions, BOXES, strict=True):
        assert lesion.bbox_xywh == pytest.approx(box, abs=1)
    assert {(lesion.label, lesion.pathology_source) for lesion in lesions} == {("Cancer", "case")}
    assert {lesion.lesion_type for lesion in lesions} == {None}
    assert notes.findings == []


def test_each_lesion_gets_what_its_own_abnormality_says(tmp_path: Path, row: TableRow) -> None:
    overlay = overlay_text(("BENIGN", *OF_SECOND), ("MALIGNANT", *OF_FIRST))
    lesions, notes = read(tmp_path, row, overlay)

    assert [lesion.label for lesion in lesions] == ["Cancer", "Benign"]
    assert {lesion.pathology_source for lesion in lesions} == {"overlay"}
    assert notes.findings == [
        Finding(
            kind=FindingKind.OVERLAY_DISAGREES_WITH_CASE,
            file=row.mask_files[1],
            detail="Benign by its OVERLAY, Cancer by its folder",
        )
    ]
    assert {(a.lesion_type, a.assessment, a.subtlety) for a in lesions} == {("MASS", 4, 3)}


def test_a_lesion_that_the_overlay_lacks_keeps_the_cases_label(
    tmp_path: Path, row: TableRow
) -> None:
    lesions, notes = read(tmp_path, row, overlay_text(("BENIGN", *OF_FIRST)))

    assert [(lesion.label, lesion.pathology_source) for lesion in lesions] == [
        ("Benign", "overlay"),
        ("Cancer", "case"),
    ]
    assert notes.findings[0] == Finding(
        kind=FindingKind.OVERLAY_UNMATCHED,
        file=row.mask_files[1],
        detail="no abnormality of the OVERLAY lies where this lesion does",
    )


def test_abnormalities_without_a_lesion_are_counted(tmp_path: Path, row: TableRow) -> None:
    places = (OF_FIRST, OF_SECOND, (10, 400), (250, 20))
    _, notes = read(tmp_path, row, overlay_text(*(("MALIGNANT", *place) for place in places)))

    assert notes.findings == [
        Finding(
            kind=FindingKind.OVERLAY_UNMATCHED,
            file=row.image_file,
            detail="2 of its OVERLAY's abnormalities without a lesion",
        )
    ]


def test_what_an_overlay_lacks_is_noted_and_the_rest_read(tmp_path: Path, row: TableRow) -> None:
    text = overlay_text(("MALIGNANT", *OF_FIRST), ("MALIGNANT", *OF_SECOND))
    lesions, notes = read(tmp_path, row, text.replace("ABNORMALITIES 2", "ABNORMALITIES 3"))

    assert {lesion.pathology_source for lesion in lesions} == {"overlay"}
    assert notes.findings == [
        Finding(
            kind=FindingKind.OVERLAY_UNREADABLE,
            file=Path(row.image_file).with_suffix(".OVERLAY").as_posix(),
            detail="the head announces 3 abnormalities, 2 follow",
        )
    ]


@pytest.mark.parametrize(
    ("pathology", "says", "labels"),
    [("BENIGN", "Benign", ["Benign"]), ("UNPROVEN", "nothing", [])],
)
def test_a_lesion_of_a_normal_case_is_what_its_overlay_says(
    tmp_path: Path, row: TableRow, pathology: str, says: str, labels: list[str]
) -> None:
    normal = replace(row, status="Normal", mask_files=row.mask_files[:1])
    lesions, notes = read(tmp_path, normal, overlay_text((pathology, *OF_FIRST)))

    assert [lesion.label for lesion in lesions] == labels
    assert notes.findings == [
        Finding(
            kind=FindingKind.LESION_IN_NORMAL_CASE,
            file=row.mask_files[0],
            detail=f"a lesion in a Normal case; its OVERLAY says {says}",
        )
    ]


def test_a_mask_of_another_size_is_noted_with_both(tmp_path: Path, row: TableRow) -> None:
    cv2.imwrite(str(tmp_path / row.mask_files[0]), draw_outline((40, 60, 40, 40), (480, 320)))
    lesions, notes = read(tmp_path, row)

    assert lesions[0].bbox_xywh == pytest.approx(BOXES[0], abs=1)
    assert notes.findings == [
        Finding(
            kind=FindingKind.MASK_OF_OTHER_SIZE,
            file=row.mask_files[0],
            detail="320x480, the film 160x240 pixels",
        )
    ]


def test_an_overlay_that_vanishes_is_noted_and_the_case_labels(
    tmp_path: Path, row: TableRow
) -> None:
    overlay = (tmp_path / row.image_file).with_suffix(".OVERLAY")
    overlay.touch()
    disk, notes = DiskIndex(tmp_path), Notes()
    overlay.unlink()
    lesions = read_lesions(row, row.image_file, SHAPE_HW, None, disk, notes)

    assert [lesion.label for lesion in lesions] == ["Cancer", "Cancer"]
    assert notes.findings == [
        Finding(
            kind=FindingKind.OVERLAY_UNREADABLE,
            file=overlay.relative_to(tmp_path).as_posix(),
            detail="No such file or directory",
        )
    ]


def test_the_scans_size_decides_which_lesion_an_abnormality_means(
    tmp_path: Path, row: TableRow
) -> None:
    # A quarter of the abnormality on the scan, where half of it is the second lesion.
    cv2.imwrite(str(tmp_path / row.mask_files[0]), draw_outline((45, 75, 10, 10)))
    overlay = overlay_text(("BENIGN", *OF_SECOND))
    scan = ScanSize(lines=4 * SHAPE_HW[0], pixels_per_line=4 * SHAPE_HW[1])

    without, with_scan = (read(tmp_path, row, overlay, size)[0] for size in (None, scan))

    assert [lesion.label for lesion in without] == ["Cancer", "Benign"]
    assert [lesion.label for lesion in with_scan] == ["Benign", "Cancer"]


def test_an_unusable_mask_costs_its_own_lesion_only(tmp_path: Path, row: TableRow) -> None:
    cv2.imwrite(str(tmp_path / row.mask_files[0]), np.zeros(SHAPE_HW, np.uint8))
    (lesion,), notes = read(tmp_path, row)

    assert lesion.mask_file == row.mask_files[1]
    assert notes.findings == [
        Finding(
            kind=FindingKind.MASK_EMPTY,
            file=row.mask_files[0],
            detail="nothing stands out from the background",
        )
    ]


def test_files_that_were_read_are_remembered_as_used(tmp_path: Path, row: TableRow) -> None:
    (tmp_path / row.mask_files[1]).unlink()
    _, notes = read(tmp_path, row, overlay_text(("MALIGNANT", *OF_FIRST)))

    overlay_file = str(Path(row.image_file).with_suffix(".OVERLAY"))
    assert notes.used_files == {row.mask_files[0], overlay_file}
    assert kinds(notes) == [FindingKind.MASK_MISSING]
