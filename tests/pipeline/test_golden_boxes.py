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
    "benign_mass.png": [([339.89, 447.93, 415.52, 522.14], 0.8682, 0.1585)],
    "cancer_many.png": [
        ([62.19, 509.60, 95.84, 538.53], 0.9565, 0.9759),
        ([10.76, 462.04, 45.48, 505.48], 0.9034, 0.9594),
        ([102.99, 220.72, 132.24, 252.29], 0.8793, 0.9742),
        ([162.29, 508.99, 193.58, 541.18], 0.7334, 0.9227),
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
