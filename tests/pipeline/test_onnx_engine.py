"""onnxruntime finds what torch finds, with the embedded pair: the same code before and after."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from formats.film_reading.reader import read_grey
from formats.geometry.boxes import iou_xyxy
from formats.results import LOWEST_LISTED_SCORE, Detection
from pipeline.two_stage import TwoStage, load_two_stage
from training.networks.runtime import Runtime

EXAMPLES = Path(__file__).parents[2] / "examples"
# Beside masks and what is no film.
FILMS_OF_THE_SAMPLE = 52
# Crops have whole pixels: a box that differs in its last digit may take in one row more.
SCORE_TOLERANCE = 3e-3


@pytest.fixture(scope="module")
def pairs() -> dict[Runtime, TwoStage]:
    return {runtime: load_two_stage(None, None, "cpu", runtime=runtime) for runtime in Runtime}


def films_below(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*.jpg")) if "mask" not in path.name.lower())


def found(pair: TwoStage, path: Path) -> list[Detection]:
    """All boxes that the pair lists, whatever their score."""
    lowest = LOWEST_LISTED_SCORE
    return pair.predict(read_grey(path), path.name, lowest, lowest).detections


def assert_same(by_torch: list[Detection], by_onnx: list[Detection]) -> None:
    assert len(by_onnx) == len(by_torch)
    if not by_torch:
        return
    overlaps = iou_xyxy(*(np.array([d.bbox_xyxy for d in some]) for some in (by_torch, by_onnx)))
    assert overlaps.max(axis=1).min() > 0.99
    for detection, partner in zip(by_torch, overlaps.argmax(axis=1), strict=True):
        assert by_onnx[partner].score == pytest.approx(detection.score, abs=SCORE_TOLERANCE)
        assert by_onnx[partner].label_scores == pytest.approx(
            detection.label_scores, abs=SCORE_TOLERANCE
        )


def test_the_example_films_have_the_same_boxes(pairs: dict[Runtime, TwoStage]) -> None:
    for path in sorted(EXAMPLES.glob("*.png")):
        by_torch, by_onnx = (found(pairs[runtime], path) for runtime in Runtime)
        assert by_torch
        assert_same(by_torch, by_onnx)


def test_phantoms_have_the_same_boxes(pairs: dict[Runtime, TwoStage], phantom_root: Path) -> None:
    paths = list(films_below(phantom_root))[::9]

    assert len(paths) >= 3
    for path in paths:
        assert_same(*(found(pairs[runtime], path) for runtime in Runtime))


def test_real_films_have_the_same_boxes(
    pairs: dict[Runtime, TwoStage], real_data_dir: Path
) -> None:
    paths = list(films_below(real_data_dir / "mini-ddsm-sample"))

    assert len(paths) == FILMS_OF_THE_SAMPLE
    for path in paths:
        assert_same(*(found(pairs[runtime], path) for runtime in Runtime))
