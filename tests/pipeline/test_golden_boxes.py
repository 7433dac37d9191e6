"""What the embedded pair finds on the example films, whatever is changed around it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from formats.film_reading.reader import read_grey
from formats.geometry.boxes import iou_xyxy
from formats.results import parse_results
from pipeline.two_stage import DEFAULT_CLASSIFIER, DEFAULT_DETECTOR, TwoStage

EXAMPLES = Path(__file__).parents[2] / "examples"
# Boxes in pixels of the film, the score of each, and its probability of cancer.
GOLDEN = {
    "benign_mass.png": [([339.89, 447.93, 415.52, 522.14], 0.9144, 0.0680)],
    "cancer_many.png": [
        ([62.19, 509.60, 95.84, 538.53], 0.9437, 0.9501),
        ([10.76, 462.04, 45.48, 505.48], 0.8937, 0.9172),
        ([102.99, 220.72, 132.24, 252.29], 0.8677, 0.9506),
        ([162.29, 508.99, 193.58, 541.18], 0.7476, 0.9589),
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


def test_the_docs_example_of_a_results_file_is_what_the_embedded_pair_says() -> None:
    page = (EXAMPLES.parent / "docs" / "formats.md").read_text()
    document = json.loads(page.split("## Results file")[1].split("```json\n")[1].split("```")[0])
    results = parse_results(Path("formats.md"), document)
    image = results.images[0]
    [(box, score, cancer)] = GOLDEN[Path(image.file_name).name]

    assert image.detections[0].bbox_xyxy == pytest.approx(box, abs=0.06)
    assert image.detections[0].score == pytest.approx(score, abs=6e-4)
    assert image.detections[0].label_scores["Cancer"] == pytest.approx(cancer, abs=6e-4)
