import numpy as np
import pytest

from formats.labels import LABEL_COLOURS, bgr_of
from formats.results import Detection, ImageResult
from reports.films.annotated_film import TrueLesion, draw_annotated_film

SCORES = {"Normal": 0.0, "Benign": 1.0, "Cancer": 0.0}
HALVES = {"Benign": 0.5, "Cancer": 0.5}
BOX = (100, 200, 180, 300)


def result(*detections: Detection, spacing_mm: tuple[float, float] | None = None) -> ImageResult:
    return ImageResult(
        file_name="f.png",
        width=400,
        height=600,
        label="Benign",
        scores=SCORES,
        detections=list(detections),
        spacing_mm=spacing_mm,
    )


def grey(level: int) -> np.ndarray:
    # A little contrast, so that there is a window.
    film = np.full((600, 400), level, dtype=np.uint8)
    film[:2] = 0
    return film


def has_colour(picture: np.ndarray, label: str) -> np.ndarray:
    return (picture == bgr_of(LABEL_COLOURS[label])).all(axis=2)


@pytest.mark.parametrize("label", ["Benign", "Cancer"])
def test_box_is_drawn_where_it_is_in_the_colour_of_its_label(label: str) -> None:
    picture = draw_annotated_film(
        grey(100), result(Detection(bbox_xyxy=BOX, score=0.9, label=label, label_scores=HALVES))
    )
    drawn = has_colour(picture, label)

    assert picture.shape == (600, 400, 3)
    assert drawn[200:301, 100].all()
    assert drawn[300, 100:181].all()
    # Inside the box the film is left to be seen.
    assert len(np.unique(picture[220:280, 120:160])) == 1


@pytest.mark.parametrize("level", [30, 250])
def test_the_label_stands_on_black_outside_the_box_and_is_joined_to_it(level: int) -> None:
    film = grey(level)
    bare = draw_annotated_film(film, result())
    picture = draw_annotated_film(
        film, result(Detection(bbox_xyxy=BOX, score=0.9, label="Cancer", label_scores=HALVES))
    )
    # Without the line that says that nothing was found, at the top.
    changed = (picture != bare).any(axis=2)[60:]
    changed[200 - 60 - 2 : 303 - 60, 98:183] = False

    rows, columns = np.nonzero(changed)
    written = has_colour(picture, "Cancer")[60:] & changed
    assert written.sum() > 50
    assert (picture[60:][changed] == 0).all(axis=1).mean() > 0.3
    # It begins right at the box.
    gap = np.maximum.reduce(
        [98 - columns, columns - 183, 198 - 60 - rows, rows - (303 - 60), 0 * rows]
    )
    assert gap.min() <= 2


def test_known_lesions_are_dashed() -> None:
    lesion = TrueLesion(bbox_xyxy=BOX, label="Benign")
    drawn = has_colour(draw_annotated_film(grey(100), result(), [lesion]), "Benign")[300, 100:181]

    assert 0.3 < drawn.mean() < 0.7
    assert np.count_nonzero(np.diff(drawn.astype(int))) >= 6


def test_deep_film_is_windowed_and_nothing_found_is_said() -> None:
    film = np.linspace(0, 4095, 600 * 400).reshape(600, 400).astype(np.uint16)
    picture = draw_annotated_film(film, result())

    assert picture.dtype == np.uint8
    assert picture[550, 200].min() > 200
    assert picture[5:15, :200].max() == 255


@pytest.mark.parametrize("shape", [(32, 32), (40, 3000), (3000, 40)])
def test_captions_fit_any_film(shape: tuple[int, int]) -> None:
    width = shape[1]
    box = Detection(
        bbox_xyxy=(width - 2, 0, width, 2), score=0.9, label="Cancer", label_scores=HALVES
    )
    film = np.zeros(shape, dtype=np.uint8)

    assert draw_annotated_film(film, result(box)).shape == (*shape, 3)


def test_captions_of_boxes_on_one_place_stay_legible() -> None:
    film = np.full((600, 400), 200, dtype=np.uint8)
    film[:, 300:] = 0
    boxes = [
        Detection(
            bbox_xyxy=(100, 200 + 2 * i, 180, 300), score=0.9, label="Cancer", label_scores=HALVES
        )
        for i in range(3)
    ]
    # The ground of captions is black, and so is the film on the right.
    none, one, three = (
        (draw_annotated_film(film, result(*part))[20:560] == 0).all(axis=2).sum()
        for part in ([], boxes[:1], boxes)
    )

    assert three - none > 2.2 * (one - none) > 0


def test_ten_millimetres_are_shown_where_the_spacing_is_known() -> None:
    film = np.full((600, 400), 100, dtype=np.uint8)
    film[:40] = np.linspace(0, 250, 400)
    without = draw_annotated_film(film, result())
    with_bar = draw_annotated_film(film, result(spacing_mm=(0.2, 0.1)))
    changed = (with_bar != without).any(axis=2)
    white = (with_bar == 255).all(axis=2) & changed

    # 100 pixels of 0.1 mm along a row.
    assert 99 <= white.sum(axis=1).max() <= 104
