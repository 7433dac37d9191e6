"""onnxruntime finds what torch finds, with the embedded pair: the same code before and after."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from formats.film_reading.reader import read_grey
from formats.geometry.boxes import iou_xyxy
from formats.labels import CATEGORY_NAMES
from formats.results import LOWEST_LISTED_SCORE, Detection
from pipeline.two_stage import TwoStage, load_two_stage
from training.networks.runtime import Runtime

EXAMPLES = Path(__file__).parents[2] / "examples"
# Beside masks and what is no film.
FILMS_OF_THE_SAMPLE = 52
TOLERANCE = 1e-4
# Crops have whole pixels: a box that differs in its last digit takes in one row more, now and then.
TOLERANCE_A_PIXEL_APART = 0.05


@pytest.fixture(scope="module")
def pairs() -> dict[Runtime, TwoStage]:
    return {runtime: load_two_stage(None, None, "cpu", runtime=runtime) for runtime in Runtime}


def films_below(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*.jpg")) if "mask" not in path.name.lower())


def found(pair: TwoStage, path: Path) -> list[Detection]:
    """All boxes that the pair lists, whatever their score."""
    lowest = LOWEST_LISTED_SCORE
    return pair.predict(read_grey(path), path.name, lowest, lowest).detections


def differences(by_torch: list[Detection], by_onnx: list[Detection]) -> list[float]:
    """The largest difference of score or probabilities of each box, whose partners must exist."""
    assert len(by_onnx) == len(by_torch)
    if not by_torch:
        return []
    overlaps = iou_xyxy(*(np.array([d.bbox_xyxy for d in some]) for some in (by_torch, by_onnx)))
    assert overlaps.max(axis=1).min() > 0.99
    pairs = [(one, by_onnx[at]) for one, at in zip(by_torch, overlaps.argmax(axis=1), strict=True)]
    return [
        max(abs(before - after) for before, after in zip(numbers(one), numbers(other), strict=True))
        for one, other in pairs
    ]


def numbers(detection: Detection) -> list[float]:
    return [detection.score, *(detection.label_scores[label] for label in CATEGORY_NAMES.values())]


def test_the_example_films_have_the_same_boxes(pairs: dict[Runtime, TwoStage]) -> None:
    for path in sorted(EXAMPLES.glob("*.png")):
        by_torch, by_onnx = (found(pairs[runtime], path) for runtime in Runtime)
        assert by_torch
        assert max(differences(by_torch, by_onnx)) < TOLERANCE


def test_phantoms_have_the_same_boxes(pairs: dict[Runtime, TwoStage], phantom_root: Path) -> None:
    paths = list(films_below(phantom_root))[::9]

    assert len(paths) >= 3
    for path in paths:
        by_torch, by_onnx = (found(pairs[runtime], path) for runtime in Runtime)
        assert max(differences(by_torch, by_onnx), default=0.0) < TOLERANCE


def test_real_films_have_the_same_boxes(
    pairs: dict[Runtime, TwoStage], real_data_dir: Path
) -> None:
    paths = list(films_below(real_data_dir / "mini-ddsm-sample"))

    assert len(paths) == FILMS_OF_THE_SAMPLE
    of_boxes = [
        difference
        for path in paths
        for difference in differences(*(found(pairs[runtime], path) for runtime in Runtime))
    ]
    assert np.mean(np.array(of_boxes) > TOLERANCE) < 0.005
    assert max(of_boxes) < TOLERANCE_A_PIXEL_APART
