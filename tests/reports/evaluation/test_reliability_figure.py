from pathlib import Path

import cv2
import numpy as np

from evaluation.labels.reliability import reliability
from formats.labels import bgr_of
from reports.colours import METHOD_COLOURS
from reports.evaluation.reliability_figure import draw_before_and_after


def test_both_diagrams_are_drawn(tmp_path: Path) -> None:
    before = reliability(np.array([0.05, 0.95]), np.array([1, 0]))
    after = reliability(np.array([0.45, 0.55]), np.array([0, 1]))
    draw_before_and_after(before, after, tmp_path / "r.png")
    picture = cv2.imread(str(tmp_path / "r.png"))

    for colour in METHOD_COLOURS[:2]:
        assert (picture == bgr_of(colour)).all(axis=2).sum() > 50
