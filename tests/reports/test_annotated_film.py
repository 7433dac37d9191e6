from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from formats.results import Detection, ImageResult
from reports.annotated_film import COLOURS, draw_overlay, write_overlay

SCORES = {"Normal": 0.0, "Benign": 1.0, "Cancer": 0.0}


def result(*detections: Detection) -> ImageResult:
    return ImageResult("f.png", 400, 600, "Benign", SCORES, list(detections))


@pytest.mark.parametrize("label", ["Benign", "Cancer"])
def test_box_is_drawn_where_it_is_in_the_colour_of_its_label(label: str) -> None:
    film = np.full((600, 400), 100, dtype=np.uint8)
    box = Detection((100, 200, 180, 300), 0.9, label, {"Benign": 0.5, "Cancer": 0.5})
    picture = draw_overlay(film, result(box))

    assert picture.shape == (600, 400, 3)
    assert tuple(picture[250, 100]) == COLOURS[label]
    assert tuple(picture[300, 140]) == COLOURS[label]
    # Inside the box the film is left to be seen.
    assert len(np.unique(picture[220:280, 120:160])) == 1


def test_deep_film_is_windowed_and_nothing_found_is_said() -> None:
    film = np.linspace(0, 4095, 600 * 400).reshape(600, 400).astype(np.uint16)
    picture = draw_overlay(film, result())

    assert picture.dtype == np.uint8
    assert picture[550, 200].min() > 200
    assert picture[5:15, :200].max() == 255


@pytest.mark.parametrize("shape", [(32, 32), (40, 3000), (3000, 40)])
def test_captions_fit_any_film(shape: tuple[int, int]) -> None:
    width = shape[1]
    box = Detection((width - 2, 0, width, 2), 0.9, "Cancer", {"Benign": 0.5, "Cancer": 0.5})

    assert draw_overlay(np.zeros(shape, dtype=np.uint8), result(box)).shape == (*shape, 3)


def test_captions_of_boxes_on_one_place_stay_legible() -> None:
    film = np.full((600, 400), 200, dtype=np.uint8)
    film[:, 300:] = 0
    scores = {"Benign": 0.5, "Cancer": 0.5}
    boxes = [Detection((100, 200 + 2 * i, 180, 300), 0.9, "Cancer", scores) for i in range(3)]
    # The ground of captions is black, and so is the film on the right.
    none, one, three = (
        (draw_overlay(film, result(*part))[20:560] == 0).all(axis=2).sum()
        for part in ([], boxes[:1], boxes)
    )

    assert three - none > 2.7 * (one - none) > 0


def test_overlays_of_equal_names_do_not_overwrite_each_other(tmp_path: Path) -> None:
    film = np.zeros((600, 400), dtype=np.uint8)
    taken: set[str] = set()
    written = [
        write_overlay(film, replace(result(), file_name=f"{folder}/x.png"), tmp_path, taken)
        for folder in ("left", "right")
    ]

    assert [path.name for path in written] == ["x_overlay.png", "x_2_overlay.png"]
    assert all(cv2.imread(str(path)).shape == (600, 400, 3) for path in written)
