import os
from pathlib import Path

import cv2
import numpy as np

from formats.results import Detection, ImageResult
from reports.annotated_film_files import write_annotated_film

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


def test_films_of_equal_names_do_not_overwrite_each_other(tmp_path: Path) -> None:
    taken: set[str] = set()
    written = [
        write_annotated_film(FILM, found(f"{folder}/x.png"), tmp_path, taken)
        for folder in ("left", "right")
    ]

    assert [path.name for path in written] == ["x_annotated.png", "x_2_annotated.png"]
    assert all(cv2.imread(str(path)).shape == (200, 100, 3) for path in written)


def test_names_as_long_as_can_be_are_shortened_and_stay_apart(tmp_path: Path) -> None:
    taken: set[str] = set()
    # Two bytes each.
    names = ["ü" * 125 + ending + ".png" for ending in ("", "a")]
    written = [write_annotated_film(FILM, found(name), tmp_path, taken) for name in names]

    assert len(set(tmp_path.iterdir())) == len(written) == 2
    assert all(250 < len(os.fsencode(path.name)) <= 255 for path in written)


def test_a_name_that_is_no_text_is_kept(tmp_path: Path) -> None:
    path = write_annotated_film(FILM, found("film_\udce4.png"), tmp_path, set())

    assert os.fsencode(path.name) == b"film_\xe4_annotated.png"
