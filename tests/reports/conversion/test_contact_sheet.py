import base64
from pathlib import Path

import cv2
import numpy as np
from views import make_lesion, make_view

from converters.records import Finding, FindingKind, View
from formats.labels import LABEL_COLOURS, bgr_of
from reports.conversion.contact_sheet import (
    FILMS_OF_LABEL,
    PICTURE_SIDE_PX,
    draw_contact_sheet,
    odd_views,
    ordinary_views,
)

CANCER = make_view("C_0001", "Cancer", lesions=[make_lesion("Cancer")])
NORMAL = make_view("A_0001", "Normal")
FINDINGS = [
    Finding(kind=FindingKind.STRAY_FILE, file="elsewhere.jpg", detail="not named"),
    Finding(kind=FindingKind.AGE_MISSING, file=NORMAL.file_name, detail="no age"),
    Finding(kind=FindingKind.MASK_OUTLINE_OPEN, file="mask.jpg", detail="gap of 9 pixels"),
]


def write_films(root: Path, *views: View) -> None:
    for view in views:
        (root / view.file_name).parent.mkdir(parents=True, exist_ok=True)
        grey = np.tile(np.linspace(0, 120, 160).astype(np.uint8), (240, 1))
        cv2.imwrite(str(root / view.file_name), grey)


def test_an_oddity_of_a_mask_is_shown_on_its_film_and_what_no_film_shows_is_not() -> None:
    shown = list(odd_views([NORMAL, CANCER], FINDINGS))

    assert [view for view, _ in shown] == [CANCER]
    assert "gap" in shown[0][1]
    assert shown[0][1].endswith("gap of 9 pixels")


def test_some_patients_of_each_label_follow_one_view_each() -> None:
    views = [make_view(f"A_{n:04d}", "Normal", view=v) for n in range(1, 10) for v in ("CC", "MLO")]
    shown = list(ordinary_views([CANCER, *views]))

    assert [caption for _, caption in shown] == ["Normal"] * FILMS_OF_LABEL + ["Cancer"]
    assert len({view.row.case_id for view, _ in shown}) == FILMS_OF_LABEL + 1


def test_oddities_come_first_with_outline_and_box(tmp_path: Path) -> None:
    write_films(tmp_path, NORMAL, CANCER)
    sheet = draw_contact_sheet([NORMAL, CANCER], FINDINGS, tmp_path)
    pictures = [
        cv2.imdecode(np.frombuffer(base64.b64decode(one.address.partition(",")[2]), np.uint8), 1)
        for one in sheet
    ]

    assert [one.file_name for one in sheet] == [
        CANCER.file_name,
        NORMAL.file_name,
        CANCER.file_name,
    ]
    assert pictures[0].shape == (PICTURE_SIDE_PX, PICTURE_SIDE_PX * 160 // 240, 3)
    # JPEG bleeds colours.
    near = [
        (np.abs(picture.astype(int) - bgr_of(LABEL_COLOURS["Cancer"])).sum(axis=2) < 120).sum()
        for picture in pictures
    ]
    assert near[0] == near[2] > 100
    assert near[1] == 0


def test_a_film_that_cannot_be_decoded_is_left_out(tmp_path: Path) -> None:
    write_films(tmp_path, CANCER)

    sheet = draw_contact_sheet([NORMAL, CANCER], [], tmp_path)

    assert [one.caption for one in sheet] == ["Cancer"]
