"""Where a label stands in a picture: near its box, and off all boxes and other labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Places tried along each side of the picture.
STEPS = 60
# A label over a lesion hides what is to be seen; over another label, what is to be read.
COVERING_COST = 1e3


@dataclass(frozen=True, kw_only=True)
class Rectangle:
    """A rectangle of a picture, in whole pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, xyxy: Sequence[float]) -> "Rectangle":
        """Round a box to whole pixels."""
        left, top, right, bottom = (round(float(value)) for value in xyxy)
        return cls(left=left, top=top, right=right, bottom=bottom)

    def grown(self, margin: int) -> "Rectangle":
        """Add a margin on each side."""
        return Rectangle(
            left=self.left - margin,
            top=self.top - margin,
            right=self.right + margin,
            bottom=self.bottom + margin,
        )

    def nearest_to(self, other: "Rectangle") -> tuple[int, int]:
        """Return the point (x, y) of this one that is nearest to the other's middle."""
        middle_x = (other.left + other.right) // 2
        middle_y = (other.top + other.bottom) // 2
        x = min(max(middle_x, self.left), self.right)
        y = min(max(middle_y, self.top), self.bottom)
        return x, y


def place_label(
    box: Rectangle,
    width_px: int,
    height_px: int,
    boxes: Sequence[Rectangle],
    labels: Sequence[Rectangle],
    picture_hw: tuple[int, int],
    margin_px: int,
) -> Rectangle:
    """Return the place nearest to a box where its label covers nothing.

    Where there is no such place, the one that covers least.

    Args:
        box: that the label belongs to.
        width_px: of the label.
        height_px: of the label.
        boxes: all that must stay visible, the label's own among them.
        labels: those that are written already.
        picture_hw: height and width of the picture.
        margin_px: kept between the label and the boxes.
    """
    lefts, tops = _places(box, width_px, height_px, picture_hw, margin_px)
    covered = np.zeros((len(tops), len(lefts)))
    for other in [*(one.grown(margin_px) for one in boxes), *labels]:
        wide = np.minimum(lefts + width_px, other.right) - np.maximum(lefts, other.left)
        high = np.minimum(tops + height_px, other.bottom) - np.maximum(tops, other.top)
        covered += high.clip(0)[:, None] * wide.clip(0)[None, :]
    gap_x = np.maximum(box.left - (lefts + width_px), lefts - box.right).clip(0)
    gap_y = np.maximum(box.top - (tops + height_px), tops - box.bottom).clip(0)
    off_middle_x = np.abs(lefts + width_px / 2 - (box.left + box.right) / 2)
    # Of equally near places the one in line with the box.
    distance = np.hypot(gap_x[None, :], gap_y[:, None]) + 0.01 * off_middle_x[None, :]
    row, column = np.unravel_index(
        int((distance + COVERING_COST * covered).argmin()), covered.shape
    )
    left, top = int(lefts[column]), int(tops[row])
    return Rectangle(left=left, top=top, right=left + width_px, bottom=top + height_px)


def _places(
    box: Rectangle, width_px: int, height_px: int, picture_hw: tuple[int, int], margin_px: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the left edges and the tops to try: all over the picture, and right beside the box."""
    highest_left = max(0, picture_hw[1] - width_px)
    highest_top = max(0, picture_hw[0] - height_px)
    beside = [
        box.left,
        box.right - width_px,
        box.right + margin_px,
        box.left - margin_px - width_px,
    ]
    above_and_below = [box.top - margin_px - height_px, box.bottom + margin_px, box.top]
    lefts = np.append(np.linspace(0, highest_left, STEPS).round(), beside)
    tops = np.append(np.linspace(0, highest_top, STEPS).round(), above_and_below)
    return (
        np.unique(lefts.clip(0, highest_left)).astype(int),
        np.unique(tops.clip(0, highest_top)).astype(int),
    )
