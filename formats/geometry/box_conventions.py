"""How a data set draws its boxes, against how a network draws them.

Outlines of the same lesion differ from data set to data set: DDSM's are 1.1 to 2.2 times as wide
as CBIS-DDSM's. A network draws as its training data does; a convention redraws its boxes as
another data set would.
"""

from dataclasses import dataclass

import numpy as np

from formats.geometry.boxes import clip_xyxy

SMALLEST_PX = 1.0
AS_FOUND = "as_found"
"""The convention of boxes that are left as the network draws them."""


@dataclass(frozen=True, kw_only=True)
class BoxConvention:
    """How found boxes grow or shrink; their centres stay.

    A width becomes `width_factor` times the width plus `width_offset` times the film's width, and
    a height likewise. The defaults change nothing.
    """

    width_factor: float = 1.0
    width_offset: float = 0.0
    height_factor: float = 1.0
    height_offset: float = 0.0

    def redraw(self, boxes_xyxy: np.ndarray, height_px: int, width_px: int) -> np.ndarray:
        """Return (N, 4) xyxy boxes on a film of this size as this convention draws them.

        They are clipped to the film.
        """
        boxes = np.asarray(boxes_xyxy, dtype=np.float64).reshape(-1, 4)
        if self == BoxConvention():
            return boxes
        factor = np.array([self.width_factor, self.height_factor])
        offset_px = np.array([self.width_offset * width_px, self.height_offset * height_px])
        centre_xy = (boxes[:, :2] + boxes[:, 2:]) / 2
        size_px = factor * (boxes[:, 2:] - boxes[:, :2]) + offset_px
        # A negative offset would turn a small box inside out.
        half_size_px = np.maximum(size_px, SMALLEST_PX) / 2
        redrawn = np.concatenate([centre_xy - half_size_px, centre_xy + half_size_px], axis=1)
        return clip_xyxy(redrawn, height_px, width_px)
