import base64
import re

import cv2
import numpy as np

from formats.notice import NOTICE
from formats.results import Detection, ImageResult
from reports.films.shown_result import HIGHEST_PX, result_html


def result(*, name: str = "f.png", size_mm: tuple[float, float] | None = None) -> ImageResult:
    found = Detection(
        bbox_xyxy=(100.0, 200.0, 180.4, 300.0),
        score=0.62,
        label="Cancer",
        label_scores={"Benign": 0.2, "Cancer": 0.8},
        size_mm=size_mm,
    )
    return ImageResult(
        file_name=name, width=800, height=1000, label="Cancer", scores={}, detections=[found]
    )


def film() -> np.ndarray:
    return np.tile(np.arange(800, dtype=np.uint16), (1000, 1))


def test_the_annotated_film_stands_in_it_not_larger_than_a_screen() -> None:
    html = result_html(film(), result())

    (encoded,) = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', html)
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(encoded), np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (HIGHEST_PX, 512, 3)
    assert np.ptp(picture.astype(int), axis=2).max() > 50
    assert "http" not in html


def test_every_box_is_a_row_and_the_notice_is_there() -> None:
    html = result_html(film(), result(size_mm=(8.0, 10.0)))

    assert html.count("<tr>") == 2
    for words in ("0.62", "80%", "100 200 180 300", "8.0 x 10.0", NOTICE, "f.png: Cancer"):
        assert words in html


def test_names_are_escaped() -> None:
    html = result_html(film(), result(name='<script>"x'))

    assert "<script>" not in html
    assert "&lt;script&gt;&quot;x" in html
