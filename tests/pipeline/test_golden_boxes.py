"""What the embedded pair finds on the example films, whatever is changed around it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from formats.boxes import iou_xyxy
from formats.films import read_grey
from pipeline.two_stage import DEFAULT_CLASSIFIER, DEFAULT_DETECTOR, TwoStage

EXAMPLES = Path(__file__).parents[2] / "examples"
# Boxes in pixels of the film, the score of each, and its probability of cancer.
GOLDEN = {
    "benign_mass.png": [([336.60, 449.12, 415.24, 523.65], 0.7468, 0.0750)],
    "cancer_many.png": [
        ([100.85, 220.77, 132.94, 252.06], 0.9320, 0.8680),
        ([61.38, 508.11, 96.86, 537.78], 0.8554, 0.8708),
        ([11.36, 465.94, 46.49, 504.28], 0.8471, 0.8951),
        ([161.73, 508.14, 195.16, 538.95], 0.7828, 0.9245),
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
