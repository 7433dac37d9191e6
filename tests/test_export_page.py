"""The example on the page about ONNX finds what the project finds."""

import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from detector.inference_network import inference_network
from detector.members import DETECTOR_KINDS, members_of
from detector.model import DETECTOR
from detector.transforms import to_network_input
from formats.film_reading.reader import read_grey
from formats.geometry.boxes import iou_xyxy
from formats.geometry.letterbox import film_to_canvas
from pipeline.exporting import export_pair
from pipeline.two_stage import DEFAULT_DETECTOR
from training.networks.runtime import Runtime
from training.saving.checkpoint import load_checkpoint

ROOT = Path(__file__).parents[1]
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)
FILM_SHAPE_PX = (1548, 992)


@pytest.fixture
def film() -> np.ndarray:
    """An example film, larger than the network's square."""
    small = read_grey(ROOT / "examples" / "cancer_many.png")
    large = cv2.resize(small, FILM_SHAPE_PX[::-1], interpolation=cv2.INTER_CUBIC)
    return large.astype(np.uint16) * 200


@torch.inference_mode()
def first_look(film: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the first network of the embedded detector finds, by this project's own code."""
    model, config = DETECTOR.rebuild(
        members_of(load_checkpoint(DEFAULT_DETECTOR, *DETECTOR_KINDS))[0]
    )
    side_px = config.input.side_px
    network = inference_network(model, side_px, torch.device("cpu"), Runtime.torch)
    square, placement = film_to_canvas(film, (side_px, side_px), config.input.geometry)
    (found,) = network([to_network_input(torch.from_numpy(square)[None])])
    return placement.to_film(found["boxes"].numpy()), found["scores"].numpy()


def test_the_example_finds_what_the_project_finds(
    film: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_pair(None, None, tmp_path / "exported")
    np.save(tmp_path / "film.npy", film)
    monkeypatch.chdir(tmp_path)
    (code,) = EXAMPLE.findall((ROOT / "docs" / "export.md").read_text(encoding="utf-8"))
    names: dict[str, Any] = {}

    exec(compile(code, "docs/export.md", "exec"), names)

    boxes, scores = first_look(film)
    sure = scores > 0.3
    overlaps = iou_xyxy(boxes[sure], names["boxes_on_film"])
    assert sure.sum() >= 3
    assert overlaps.max(axis=1).min() > 0.95
    np.testing.assert_allclose(names["scores"][overlaps.argmax(axis=1)], scores[sure], atol=0.02)
