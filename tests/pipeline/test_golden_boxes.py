"""What the embedded pair finds on the example films, whatever is changed around it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from formats.film_reading.reader import read_grey
from formats.geometry.boxes import iou_xyxy
from pipeline.two_stage import DEFAULT_CLASSIFIER, DEFAULT_DETECTOR, TwoStage

EXAMPLES = Path(__file__).parents[2] / "examples"
# Boxes in pixels of the film, the score of each, and its probability of cancer.
GOLDEN = {
    "benign_mass.png": [([338.02, 447.44, 415.38, 523.50], 0.8502, 0.1492)],
    "cancer_many.png": [
        ([61.82, 508.93, 96.25, 538.64], 0.8999, 0.9729),
        ([10.96, 464.42, 45.89, 505.37], 0.8900, 0.9607),
        ([101.69, 220.65, 132.35, 252.38], 0.8372, 0.9695),
        ([162.17, 508.39, 194.53, 539.78], 0.7656, 0.9286),
    ],
}


@pytest.fixture(scope="module")
def pair() -> TwoStage:
    return TwoStage(DEFAULT_DETECTOR, DEFAULT_CLASSIFIER, torch.device("cpu"))


@pytest.mark.parametrize("name", GOLDEN)
def test_the_embedded_pair_finds_what_it_was_calibrated_to_find(pair: TwoStage, name: str) -> None:
    score = pair.operating_score("balanced")
    found = pair.predict(read_grey(EXAMPLES / name), name, score, score).detections
    boxes, scores, cancer = (list(column) for column in zip(*GOLDEN[name], strict=True))
    overlaps = iou_xyxy(np.array([d.bbox_xyxy for d in found]), np.array(boxes))

    assert len(found) == len(boxes)
    assert np.diag(overlaps).min() > 0.99
    assert [d.score for d in found] == pytest.approx(scores, abs=1e-3)
    assert [d.label_scores["Cancer"] for d in found] == pytest.approx(cancer, abs=1e-3)
