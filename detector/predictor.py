"""A detector for one film: array in, boxes in the film's own pixels out."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from detector.box_fusion import fuse
from detector.config import DetectorConfig
from detector.detections import Detections
from detector.inference_network import inference_network
from detector.model import load_detector
from detector.transforms import to_network_input
from formats.geometry.boxes import area_xyxy, clip_xyxy
from formats.geometry.letterbox import Placement, film_to_canvas
from training.networks.runtime import Runtime
from training.networks.side_by_side import begin
from training.saving.checkpoint import Checkpoint


class DetectorPredictor:
    """Finds tumours on films of any size and depth."""

    def __init__(
        self,
        model: nn.Module,
        config: DetectorConfig,
        checkpoint: Checkpoint,
        device: torch.device,
        runtime: Runtime = Runtime.torch,
    ) -> None:
        """Take a model, whose backbone is changed: it learns no more.

        Raises:
            InputError: the runtime is not installed, or cannot compute the model.
        """
        self._network = inference_network(model, config.input.side_px, device, runtime)
        self._input = config.input
        self._looks = config.looks
        self._device = device
        self.same_lesion_iou = config.looks.same_lesion_iou
        self.class_names = checkpoint.class_names
        self.operating_points = checkpoint.operating_points
        self.operating_curve = checkpoint.operating_curve
        self.box_conventions = checkpoint.box_conventions
        self.weights_sha256 = checkpoint.weights_sha256

    @classmethod
    def from_checkpoint(cls, path: Path, device: torch.device) -> "DetectorPredictor":
        """Load one detector.

        Raises:
            InputError: the file is no checkpoint of one detector that this version can read.
        """
        model, config, checkpoint = load_detector(path)
        return cls(model, config, checkpoint, device)

    def predict(self, film: np.ndarray) -> Detections:
        """Find tumours on a (H, W) uint8 or uint16 film."""
        return self.predict_batch([film])[0]

    def predict_batch(self, films: Sequence[np.ndarray]) -> list[Detections]:
        """Find tumours on several (H, W) films of any sizes."""
        return self.begin(films)()

    def begin(self, films: Sequence[np.ndarray]) -> Callable[[], list[Detections]]:
        """Begin to look at several films; what is returned waits for the tumours on them."""
        side_px = self._input.side_px
        placed = [film_to_canvas(film, (side_px, side_px), self._input.geometry) for film in films]
        squares = [
            to_network_input(torch.from_numpy(square)[None].to(self._device))
            for square, _ in placed
        ]
        looks = [self._begin_look(squares)]
        if self._looks.mirrored:
            looks.append(self._begin_look([square.flip(dims=[2]) for square in squares]))

        def finish() -> list[Detections]:
            found = self._fused([_all_found(look) for look in looks])
            return [
                _on_film(on_square, placement, film)
                for on_square, (_, placement), film in zip(found, placed, films, strict=True)
            ]

        return finish

    def _begin_look(self, squares: list[Tensor]) -> list[Future[list[Detections]]]:
        """Begin to find boxes on the squares: one by one on processors, and at once on a GPU."""
        batches = [[square] for square in squares] if self._device.type == "cpu" else [squares]
        return [begin(partial(self._find, batch)) for batch in batches]

    def _fused(self, looks: list[list[Detections]]) -> list[Detections]:
        """Merge what was found on each square, and on its mirror image if that was looked at."""
        if len(looks) == 1:
            return looks[0]
        return [
            fuse(first, _mirror_back(second, self._input.side_px), self._looks.same_box_iou)
            for first, second in zip(*looks, strict=True)
        ]

    @torch.inference_mode()
    def _find(self, squares: list[Tensor]) -> list[Detections]:
        return [_to_detections(output) for output in self._network(squares)]


def _all_found(batches: list[Future[list[Detections]]]) -> list[Detections]:
    return [of_square for batch in batches for of_square in batch.result()]


def _mirror_back(found: Detections, side_px: int) -> Detections:
    """Move boxes on a square that was mirrored left to right to where they lie on the square."""
    boxes_xyxy = found.boxes_xyxy.copy()
    boxes_xyxy[:, [0, 2]] = side_px - boxes_xyxy[:, [2, 0]]
    return replace(found, boxes_xyxy=boxes_xyxy)


def _to_detections(output: dict[str, Tensor]) -> Detections:
    return Detections(
        boxes_xyxy=output["boxes"].cpu().numpy().astype(np.float64),
        scores=output["scores"].cpu().numpy().astype(np.float64),
        # Networks count classes from 1.
        class_indices=output["labels"].cpu().numpy() - 1,
    )


def _on_film(found: Detections, placement: Placement, film: np.ndarray) -> Detections:
    height_px, width_px = film.shape
    boxes_xyxy = clip_xyxy(placement.to_film(found.boxes_xyxy), height_px, width_px)
    # What lies wholly in the black beside a letterboxed film is nothing on the film.
    on_film = area_xyxy(boxes_xyxy) > 0
    return replace(found, boxes_xyxy=boxes_xyxy).take(on_film)
