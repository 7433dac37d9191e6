import json

import numpy as np

from formats.results import Detection, ImageResult, Results, results_to_json
from pipeline.shown_film import with_film


def result(*found: Detection) -> ImageResult:
    return ImageResult(
        file_name="f.png", width=80, height=100, label="Cancer", scores={}, detections=list(found)
    )


def detection(size_mm: tuple[float, float] | None = None) -> Detection:
    return Detection(
        bbox_xyxy=(10.0, 20.0, 30.5, 60.0),
        score=0.62,
        label="Cancer",
        label_scores={"Benign": 0.2, "Cancer": 0.8},
        size_mm=size_mm,
    )


FILM = np.tile(np.arange(80, dtype=np.uint8), (100, 1))


def test_a_table_has_a_row_a_box() -> None:
    (row,) = with_film(result(detection((2.0, 4.0))), FILM).to_pandas().to_dict("records")

    assert row == {
        **{"label": "Cancer", "score": 0.62, "probability_benign": 0.2, "probability_cancer": 0.8},
        **{"x_min_px": 10.0, "y_min_px": 20.0, "x_max_px": 30.5, "y_max_px": 60.0},
        **{"width_mm": 2.0, "height_mm": 4.0},
    }


def test_a_film_without_boxes_is_a_table_without_rows() -> None:
    table = with_film(result(), FILM).to_pandas()

    assert table.shape == (0, 10)


def test_coco_records_are_those_of_the_results_list() -> None:
    assert with_film(result(detection()), FILM).to_coco(7) == [
        {"image_id": 7, "category_id": 2, "bbox": [10.0, 20.0, 20.5, 40.0], "score": 0.62}
    ]


def test_it_shows_itself_and_is_written_and_compared_without_its_film() -> None:
    plain = result(detection())
    shown = with_film(plain, FILM)
    document = Results(method="m", models=[], images=[shown])

    assert shown._repr_html_().startswith("<figure><img")
    assert "film=" not in repr(shown)
    assert json.loads(json.dumps(results_to_json(document))) == json.loads(
        json.dumps(results_to_json(Results(method="m", models=[], images=[plain])))
    )
