from dataclasses import replace

import numpy as np
from blobs import BlobData

from formats.results import ImageResult
from pipeline.fitting.all_boxes import predict_all, predict_with_pair
from pipeline.two_stage import TwoStage

SCORES = {"Normal": 1.0, "Benign": 0.0, "Cancer": 0.0}


def test_results_come_in_the_order_of_the_evaluations_views(blob_data: BlobData) -> None:
    def predict(film: np.ndarray, name: str) -> ImageResult:
        height_px, width_px = film.shape
        return ImageResult(
            file_name=name, width=width_px, height=height_px, label="Normal", scores=SCORES
        )

    backwards = replace(blob_data.coco, images=blob_data.coco.images[::-1])
    results = predict_all(predict, backwards, blob_data.root)

    assert [result.file_name for result in results] == [f"film_{i}.png" for i in range(1, 10)]
    assert {(result.width, result.height) for result in results} == {(128, 160)}


def test_every_box_of_a_pair_is_listed_whatever_its_operating_points(
    random_model: TwoStage,
) -> None:
    film = np.random.default_rng(0).integers(0, 4000, (300, 200)).astype(np.uint16)
    result = predict_with_pair(random_model)(film, "a.png")

    everything = random_model.predict(film, "a.png", operating_score=0.0, lowest_score=0.01)
    assert result == everything
    assert result.detections
