"""What a detector finds on one image, whichever network it is."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Detections:
    """N boxes, best first."""

    boxes_xyxy: np.ndarray
    """(N, 4) float64, in pixels of the image that was searched: a film as stored, or a square."""
    scores: np.ndarray
    """(N,) float64 in 0..1."""
    class_indices: np.ndarray
    """(N,) positions in the detector's class names."""

    def above(self, score: float) -> "Detections":
        """Keep what scores at least `score`."""
        return self.take(self.scores >= score)

    def take(self, rows: np.ndarray) -> "Detections":
        """Keep these rows, given by (N,) flags or by positions in any order."""
        return Detections(
            boxes_xyxy=self.boxes_xyxy[rows],
            scores=self.scores[rows],
            class_indices=self.class_indices[rows],
        )
