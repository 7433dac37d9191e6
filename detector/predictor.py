"""A detector for one film: array in, boxes in the film's own pixels out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from converters.boxes import clip_xyxy
from converters.errors import InputError
from detector.config import DetectorConfig
from detector.geometry import Placement, film_to_square
from detector.model import load_detector
from detector.transforms import to_network_input
from training.checkpoint import Checkpoint


@dataclass(frozen=True)
class Detections:
    """What a detector found, best first."""

    boxes_xyxy: np.ndarray
    """(N, 4) float64, in pixels of the film as stored."""
    scores: np.ndarray
    """(N,) float64 in 0..1."""
    class_indices: np.ndarray
    """(N,) positions in the detector's class names."""

    def above(self, score: float) -> "Detections":
        """Keep what scores at least `score`."""
        kept = self.scores >= score
        return Detections(self.boxes_xyxy[kept], self.scores[kept], self.class_indices[kept])


class DetectorPredictor:
    """Finds tumours on films of any size and depth."""

    def __init__(
        self,
        model: nn.Module,
        config: DetectorConfig,
        checkpoint: Checkpoint,
        device: torch.device,
    ) -> None:
        self._model = model.to(device).to(memory_format=torch.channels_last)
        self._input = config.input
        self._device = device
        self.class_names = checkpoint.class_names
        self.operating_points = checkpoint.operating_points

    @classmethod
    def from_checkpoint(cls, path: Path, device: torch.device) -> "DetectorPredictor":
        """Load a detector.

        Raises:
            InputError: the file is no detector checkpoint that this version can read.
        """
        model, config, checkpoint = load_detector(path)
        return cls(model, config, checkpoint, device)

    def operating_score(self, operating_point: str) -> float:
        """Return the lowest score that counts as found at a named operating point.

        Raises:
            InputError: the detector has no such point.
        """
        if operating_point not in self.operating_points:
            raise InputError(
                f"operating point '{operating_point}' is not in the detector's "
                f"{sorted(self.operating_points)}; name one of these, or give a detector that "
                "tools/calibrate.py has finished"
            )
        return self.operating_points[operating_point]

    def predict(self, film: np.ndarray) -> Detections:
        """Find tumours on a (H, W) uint8 or uint16 film."""
        return self.predict_batch([film])[0]

    @torch.inference_mode()
    def predict_batch(self, films: Sequence[np.ndarray]) -> list[Detections]:
        """Find tumours on several (H, W) films of any sizes in one pass of the network."""
        placed = [film_to_square(f, self._input.side_px, self._input.geometry) for f in films]
        outputs = self._model(
            [to_network_input(torch.from_numpy(s)[None].to(self._device)) for s, _ in placed]
        )
        return [
            _on_film(found, placement, film)
            for found, (_, placement), film in zip(outputs, placed, films, strict=True)
        ]


def _on_film(found: dict[str, Tensor], placement: Placement, film: np.ndarray) -> Detections:
    height_px, width_px = film.shape
    boxes_xyxy = placement.to_film(found["boxes"].cpu().numpy().astype(np.float64))
    return Detections(
        clip_xyxy(boxes_xyxy, height_px, width_px),
        found["scores"].cpu().numpy().astype(np.float64),
        found["labels"].cpu().numpy() - 1,
    )
