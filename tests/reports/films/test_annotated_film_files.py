import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from formats.results import Detection, ImageResult
from reports.films.annotated_film_files import picture_stems, write_annotated_film, write_crops
from reports.films.picture_files import PictureFormat

FILM = np.zeros((200, 100), dtype=np.uint8)
BOX = Detection(
    bbox_xyxy=(10.4, 20.0, 30.0, 60.6),
    score=0.875,
    label="Cancer",
    label_scores={"Benign": 0.25, "Cancer": 0.75},
)


def found(file_name: str) -> ImageResult:
    return ImageResult(
        file_name=file_name, width=100, height=200, label="Cancer", scores={}, detections=[BOX]
    )


def test_films_of_equal_names_do_not_overwrite_each_other() -> None:
    stems = picture_stems(["left/x.png", "x_2.png", "right/x.png", "x.tiff"])

    assert stems == {"left/x.png": "x", "x_2.png": "x_2", "right/x.png": "x_3", "x.tiff": "x_4"}


def test_equal_names_are_counted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def note(stem: str, ending: str) -> str:
        made.append(ending)
        return stem + ending

    monkeypatch.setattr("reports.films.annotated_film_files._fitting_stem", note)
    stems = picture_stems(f"{number}/x.png" for number in range(300))

    assert len(set(stems.values())) == len(made) == 300


def test_names_as_long_as_can_be_are_shortened_and_stay_apart(tmp_path: Path) -> None:
    # Two bytes each.
    names = ["ü" * 125 + ending + ".png" for ending in ("", "a")]
    for name, stem in picture_stems(names).items():
        path = write_annotated_film(FILM, found(name), stem, tmp_path, PictureFormat.png)
        (crop,) = write_crops(FILM, found(name), stem, tmp_path, PictureFormat.png)
        assert len(os.fsencode(path.name)) < len(os.fsencode(crop.name)) <= 255
        assert len(os.fsencode(path.name)) > 240

    assert len(list(tmp_path.rglob("*.png"))) == 4


def test_a_name_that_is_no_text_is_kept(tmp_path: Path) -> None:
    (stem,) = picture_stems(["film_\udce4.png"]).values()
    path = write_annotated_film(FILM, found(""), stem, tmp_path, PictureFormat.png)

    assert os.fsencode(path.name) == b"film_\xe4_annotated.png"


@pytest.mark.parametrize("form", list(PictureFormat))
def test_a_crop_shows_the_box_and_a_quarter_around_it(tmp_path: Path, form: PictureFormat) -> None:
    film = np.zeros((200, 100), dtype=np.uint16)
    film[20:60, 10:30] = 4000
    (path,) = write_crops(film, found("x.png"), "x", tmp_path, form)

    assert path == tmp_path / "crops" / f"x_annotated_box1.{form}"
    crop = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    # 10.4 - 4.9, 20 - 10.15 to 30 + 4.9, 60.6 + 10.15.
    assert crop.shape == (71 - 9, 35 - 5)
    assert crop[30, 15] > 240
    assert crop[2, 2] < 15


def test_a_box_at_the_film_s_edge_has_a_crop(tmp_path: Path) -> None:
    box = replace(BOX, bbox_xyxy=(99.8, 199.9, 100.0, 200.0))
    result = replace(found("x.png"), detections=[box])
    (path,) = write_crops(FILM, result, "x", tmp_path, PictureFormat.png)

    assert cv2.imread(str(path)).shape == (1, 1, 3)
