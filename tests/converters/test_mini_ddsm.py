import errno
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from small_ddsm import SHAPE_HW, SmallDdsm, draw_film, draw_outline, overlay_text

from converters.ddsm_files.disk import DiskIndex
from converters.ddsm_files.metadata import read_metadata
from converters.mini_ddsm import Reading, read_views
from converters.records import Finding, FindingKind, View
from formats.errors import InputError

BOX = (30, 50, 40, 60)


@pytest.fixture
def data(tmp_path: Path) -> SmallDdsm:
    return SmallDdsm(tmp_path)


def read(data: SmallDdsm) -> Reading:
    table = data.write_table()
    disk = DiskIndex(data.root)
    return read_views(read_metadata([table], disk).table.rows, disk, [table.name])


def test_phantoms_read_without_failures(phantom_root: Path) -> None:
    disk = DiskIndex(phantom_root)
    metadata = read_metadata([], disk)
    names = [path.name for path in metadata.paths]

    views, findings = read_views(metadata.table.rows, disk, names)

    assert len(views) == 36
    assert [v.file_name for v in views] == [
        v.file_name for v in sorted(views, key=lambda v: (v.row.case_id, v.row.side, v.row.view))
    ]
    assert all(view.is_fully_read for view in views)
    lesions = [lesion for view in views for lesion in view.lesions]
    assert {lesion.pathology_source for lesion in lesions} == {"overlay"}
    assert max(len(view.lesions) for view in views) == 6
    kinds = {finding.kind for finding in findings}
    assert kinds == {
        FindingKind.NAME_MATCHED_IGNORING_CASE,
        FindingKind.STRAY_FILE,
        FindingKind.OVERLAY_DISAGREES_WITH_CASE,
    }
    strays = [f.file for f in findings if f.kind is FindingKind.STRAY_FILE]
    assert len(strays) == 3


def test_real_boxes_lie_on_their_outlines(real_data_dir: Path) -> None:
    disk = DiskIndex(real_data_dir / "mini-ddsm-sample")
    metadata = read_metadata([], disk)

    views, findings = read_views(metadata.table.rows, disk, [p.name for p in metadata.paths])

    assert len(views) == 52
    lesions = [lesion for view in views for lesion in view.lesions]
    assert len(lesions) == 20
    for lesion in lesions:
        mask = cv2.imread(str(disk.path(lesion.mask_file)), cv2.IMREAD_GRAYSCALE)
        y, x = np.nonzero(mask > 127)
        outline = np.array([x.min(), y.min(), x.max() + 1, y.max() + 1])
        left, top, width, height = lesion.bbox_xywh
        assert np.abs(outline - (left, top, left + width, top + height)).max() <= 3
    by_overlay = [lesion for lesion in lesions if lesion.pathology_source == "overlay"]
    assert len(by_overlay) == 4
    assert {(a.label, a.lesion_type) for a in by_overlay} == {("Cancer", "MASS")}
    assert findings == (
        Finding(
            kind=FindingKind.STRAY_FILE,
            file="Cancer/0002/Mask_C_0002_1.LEFT_MLO.jpg",
            detail="the table does not name it",
        ),
    )


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_both_editions_give_the_same_box(
    data: SmallDdsm, suffix: str, dtype: type[np.integer]
) -> None:
    if suffix == ".jpg" and dtype is np.uint16:
        pytest.skip("JPEG has 8 bits")
    scale = 257 if dtype is np.uint16 else 1
    mask = draw_outline(BOX).astype(dtype) * dtype(scale)
    film = draw_film("film").astype(dtype) * dtype(scale)
    data.add_view("C_0001", "Cancer", masks=(mask,), film=film, suffix=suffix)

    (view,), findings = read(data)

    assert findings == ()
    assert (view.height_px, view.width_px) == SHAPE_HW
    assert view.label == "Cancer"
    assert view.lesions[0].bbox_xywh == BOX
    assert view.lesions[0].pathology_source == "case"


def test_table_may_name_the_other_editions_ending(data: SmallDdsm) -> None:
    film = data.add_view("C_0001", "Cancer", masks=(draw_outline(BOX),), suffix=".png")
    for row in data.rows:
        for column in ("fullPath", "Tumour_Contour"):
            row[column] = str(row[column]).replace(".png", ".jpg")

    (view,), findings = read(data)

    assert view.file_name == f"Cancer/0001/{film.name}"
    assert len(view.lesions) == 1
    assert [f.kind for f in findings] == [FindingKind.NAME_MATCHED_IGNORING_ENDING] * 2


def test_overlay_names_the_lesion_and_contradicts_the_folder(data: SmallDdsm) -> None:
    first, second = (20, 30, 20, 20), (90, 150, 20, 20)
    film = data.add_view("C_0001", "Cancer", masks=(draw_outline(first), draw_outline(second)))
    text = overlay_text(("MALIGNANT", 180, 300), ("BENIGN", 40, 60))
    film.with_suffix(".OVERLAY").write_text(text)

    (view,), findings = read(data)

    assert [lesion.label for lesion in view.lesions] == ["Benign", "Cancer"]
    assert [(a.lesion_type, a.assessment, a.subtlety) for a in view.lesions] == [("MASS", 4, 3)] * 2
    assert [f.kind for f in findings] == [FindingKind.OVERLAY_DISAGREES_WITH_CASE]


def test_ics_gives_the_scale(data: SmallDdsm) -> None:
    film = data.add_view("C_0001", "Cancer", masks=(draw_outline((60, 120, 10, 10)),))
    film.with_suffix(".OVERLAY").write_text(overlay_text(("BENIGN", 240, 480)))
    lines = f"LEFT_CC LINES {4 * SHAPE_HW[0]} PIXELS_PER_LINE {4 * SHAPE_HW[1]}\n"
    # Not UTF-8, as DDSM's text files need not be.
    (film.parent / "C-0001-1.ics").write_bytes(b"FILM \xe9\n" + lines.encode())

    (view,), findings = read(data)

    assert view.lesions[0].label == "Benign"
    assert [f.kind for f in findings] == [FindingKind.OVERLAY_DISAGREES_WITH_CASE]


def test_unproven_falls_back_to_the_case(data: SmallDdsm) -> None:
    film = data.add_view("C_0001", "Benign", masks=(draw_outline((20, 30, 20, 20)),))
    film.with_suffix(".OVERLAY").write_text(overlay_text(("UNPROVEN", 40, 60)))

    (view,), _ = read(data)

    assert view.lesions[0].label == "Benign"
    assert view.lesions[0].pathology_source == "case"
    assert view.lesions[0].lesion_type == "MASS"


def test_overlay_elsewhere_is_not_used(data: SmallDdsm) -> None:
    film = data.add_view("C_0001", "Cancer", masks=(draw_outline(BOX),))
    film.with_suffix(".OVERLAY").write_text(overlay_text(("BENIGN", 250, 400)))

    (view,), findings = read(data)

    assert view.lesions[0].label == "Cancer"
    assert [f.kind for f in findings] == [FindingKind.OVERLAY_UNMATCHED] * 2


def test_junk_overlay_is_noted(data: SmallDdsm) -> None:
    film = data.add_view("C_0001", "Cancer", masks=(draw_outline(BOX),))
    film.with_suffix(".OVERLAY").write_bytes(bytes(range(256)))

    (view,), findings = read(data)

    assert view.lesions[0].label == "Cancer"
    assert {f.kind for f in findings} == {FindingKind.OVERLAY_UNREADABLE}


def test_lesion_in_a_normal_case_needs_its_overlay(data: SmallDdsm) -> None:
    known = data.add_view("A_0001", "Normal", masks=(draw_outline((20, 30, 20, 20)),))
    known.with_suffix(".OVERLAY").write_text(overlay_text(("BENIGN", 40, 60)))
    data.add_view("A_0002", "Normal", masks=(draw_outline(BOX),))

    (first, second), findings = read(data)

    assert first.label == "Benign"
    assert not second.is_fully_read
    assert [f.kind for f in findings] == [FindingKind.LESION_IN_NORMAL_CASE] * 2


def damage_empty(path: Path) -> None:
    path.write_bytes(b"")


def damage_cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def damage_junk(path: Path) -> None:
    path.write_text("this is no image")


def damage_flat(path: Path) -> None:
    cv2.imwrite(str(path), np.zeros((1, 160), np.uint8))


def damage_gone(path: Path) -> None:
    path.unlink()


DAMAGES = [damage_empty, damage_cut, damage_junk, damage_flat, damage_gone]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_film_is_noted_and_left_out(data: SmallDdsm, damage) -> None:
    path = data.add_view("A_0001", "Normal")
    data.add_view("A_0002", "Normal")
    damage(path)

    views, (finding,) = read(data)

    assert [view.row.case_id for view in views] == ["A_0002"]
    missing = damage is damage_gone
    assert finding.kind is (FindingKind.IMAGE_MISSING if missing else FindingKind.IMAGE_UNREADABLE)
    assert finding.file == "Normal/0001/A_0001_1.LEFT_CC.jpg"
    assert str(data.root) not in finding.detail


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_mask_leaves_the_label_open(data: SmallDdsm, damage) -> None:
    path = data.add_view("C_0001", "Cancer", masks=(draw_outline(BOX),))
    damage(path.with_name(f"{path.stem}_Mask.jpg"))

    (view,), (finding,) = read(data)

    assert view.lesions == ()
    assert not view.is_fully_read
    missing = damage is damage_gone
    assert finding.kind is (FindingKind.MASK_MISSING if missing else FindingKind.MASK_UNREADABLE)
    assert finding.file == "Cancer/0001/C_0001_1.LEFT_CC_Mask.jpg"


def test_odd_masks_are_counted(data: SmallDdsm) -> None:
    filled = cv2.rectangle(np.zeros(SHAPE_HW, np.uint8), (30, 50), (69, 109), 255, cv2.FILLED)
    data.add_view("C_0001", "Cancer", masks=(filled,))
    data.add_view("C_0002", "Cancer", masks=(255 - draw_outline(BOX),))
    data.add_view("C_0003", "Cancer", masks=(np.full(SHAPE_HW, 20, np.uint8),))
    data.add_view("C_0004", "Cancer", masks=(draw_outline((60, 100, 80, 120), (480, 320)),))
    data.add_view("C_0005", "Cancer", masks=(draw_outline(BOX, (160, 240)),))

    views, findings = read(data)

    assert [view.is_fully_read for view in views] == [True, True, False, True, False]
    assert views[3].lesions[0].bbox_xywh == pytest.approx(BOX, abs=1)
    assert [(f.kind, f.file[7:11]) for f in findings] == [
        (FindingKind.MASK_ALREADY_FILLED, "0001"),
        (FindingKind.MASK_INVERTED, "0002"),
        (FindingKind.MASK_EMPTY, "0003"),
        (FindingKind.MASK_OF_OTHER_SIZE, "0004"),
        (FindingKind.MASK_OF_OTHER_SIZE, "0005"),
        (FindingKind.MASK_UNREADABLE, "0005"),
    ]


def test_companions_are_no_strays(data: SmallDdsm) -> None:
    folder = data.add_view("A_0001", "Normal").parent
    for name in ("TAPE_A_0001_1.COMB.16_PGM", "A-0001-1.ics", "notes.txt", "A_0001_1.OVERLAYu"):
        (folder / name).touch()

    _, findings = read(data)

    stray = {"kind": FindingKind.STRAY_FILE, "detail": "the table does not name it"}
    assert findings == (
        Finding(file="Normal/0001/A_0001_1.OVERLAYu", **stray),
        Finding(file="Normal/0001/notes.txt", **stray),
    )


def content_ids(views: tuple[View, ...]) -> list[str]:
    return [view.content_id for view in views]


def test_content_is_told_apart_by_bytes(data: SmallDdsm) -> None:
    first = data.add_view("A_0001", "Normal", suffix=".png")
    same = data.add_view("A_0002", "Normal", suffix=".png")
    longer = data.add_view("A_0003", "Normal", suffix=".png")
    other = data.add_view("A_0004", "Normal", suffix=".png")
    same.write_bytes(first.read_bytes())
    longer.write_bytes(first.read_bytes() + b"\0")
    # As long as the first, but with other bytes.
    flipped = bytearray(first.read_bytes())
    flipped[len(flipped) // 2] ^= 1
    other.write_bytes(flipped)

    ids = content_ids(read(data).views)

    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert ids[2] == str(longer.stat().st_size)


def test_root_without_any_film_names_the_next_step(data: SmallDdsm, tmp_path: Path) -> None:
    data.add_view("A_0001", "Normal")
    rows = read_metadata([data.write_table()], None).table.rows
    (tmp_path / "empty").mkdir()

    with pytest.raises(InputError) as error:
        read_views(rows, DiskIndex(tmp_path / "empty"))
    assert str(error.value) == (
        f"{tmp_path / 'empty'}: none of the table's 1 films is here, the first being "
        "'Normal/0001/A_0001_1.LEFT_CC.jpg'; give the folder that holds Benign, Cancer and Normal"
    )


def test_folders_that_cannot_be_listed_are_findings(data: SmallDdsm) -> None:
    data.add_view("A_0001", "Normal")
    (data.root / "round").symlink_to(data.root / "round")

    findings = read(data).findings

    assert findings == (
        Finding(
            kind=FindingKind.FOLDER_UNREADABLE,
            file="round",
            detail=f"cannot be listed ({os.strerror(errno.ELOOP)})",
        ),
    )


def test_without_any_film_the_folder_that_cannot_be_listed_is_named(data: SmallDdsm) -> None:
    film = data.add_view("A_0001", "Normal")
    film.unlink()
    film.parent.rmdir()
    film.parent.symlink_to(film.parent)

    with pytest.raises(InputError) as error:
        read(data)
    assert str(error.value) == (
        f"{film.parent}: cannot be listed ({os.strerror(errno.ELOOP)}), and none of the table's "
        "films is elsewhere; check its rights"
    )


def test_a_damaged_film_costs_its_case_no_other(data: SmallDdsm) -> None:
    damage_junk(data.add_view("A_0001", "Normal"))
    data.add_view("A_0001", "Normal", view="LEFT_MLO")
    data.add_view("A_0001", "Normal", view="RIGHT_CC").unlink()
    data.add_view("A_0001", "Normal", view="RIGHT_MLO")

    views, findings = read(data)

    assert [(view.row.side, view.row.view) for view in views] == [("LEFT", "MLO"), ("RIGHT", "MLO")]
    kinds = {FindingKind.IMAGE_MISSING, FindingKind.IMAGE_UNREADABLE}
    assert {finding.kind for finding in findings} == kinds


def test_views_know_whether_the_breasts_other_view_is_marked(data: SmallDdsm) -> None:
    data.add_view("C_0001", "Cancer", masks=(draw_outline(BOX),))
    data.add_view("C_0001", "Cancer", view="LEFT_MLO")
    data.add_view("C_0001", "Cancer", view="RIGHT_CC")

    views = read(data).views

    assert [view.is_sibling_marked for view in views] == [False, True, None]


def test_a_header_that_vanishes_is_noted_and_half_size_taken(data: SmallDdsm) -> None:
    film = data.add_view("C_0001", "Cancer", masks=(draw_outline((20, 30, 20, 20)),))
    film.with_suffix(".OVERLAY").write_text(overlay_text(("MALIGNANT", 40, 60)))
    header = film.parent / "C-0001-1.ics"
    header.touch()
    table = data.write_table()
    disk = DiskIndex(data.root)
    header.unlink()

    (view,), findings = read_views(read_metadata([table], None).table.rows, disk, [table.name])

    assert view.lesions[0].pathology_source == "overlay"
    assert findings == (
        Finding(
            kind=FindingKind.ICS_UNREADABLE,
            file="Cancer/0001/C-0001-1.ics",
            detail="No such file or directory",
        ),
    )
