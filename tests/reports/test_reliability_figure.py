from pathlib import Path

import cv2
import numpy as np

from evaluation.reliability import reliability
from reports.reliability_figure import draw_before_and_after


def test_both_diagrams_are_drawn(tmp_path: Path) -> None:
    before = reliability(np.array([0.05, 0.95]), np.array([1, 0]))
    after = reliability(np.array([0.45, 0.55]), np.array([0, 1]))
    draw_before_and_after(before, after, tmp_path / "r.png")
    picture = cv2.imread(str(tmp_path / "r.png"))

    for blue_green_red in ((0, 94, 213), (178, 114, 0)):
        assert (picture == blue_green_red).all(axis=2).sum() > 50
