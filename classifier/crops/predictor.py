"""A classifier for boxes on one film: array and boxes in, probabilities out."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from scipy.special import softmax
from torch import Tensor, nn

from classifier.crops.config import BACKGROUND, CropClassifierConfig
from classifier.crops.cutting import crop_window, cut_crop
from classifier.crops.inference_network import inference_network
from classifier.crops.model import load_crop_classifier
from classifier.standardisation import standardise
from formats.film_reading.reader import IntensityWindow, intensity_window
from formats.labels import LESION_LABELS
from training.networks.runtime import Runtime
from training.networks.side_by_side import begin
from training.saving.checkpoint import Checkpoint

# Crops of one call. More of them leave a core's cache, and take longer each.
BATCH_SIZE = 8


@dataclass(frozen=True)
class Naming:
    """What a classifier says of N boxes."""

    lesion: np.ndarray
    """(N,) probability that there is a lesion; 1 from a classifier that knows no background."""
    labels: np.ndarray
    """(N, 2) probabilities of Benign and Cancer, given a lesion; rows sum to 1."""


class CropClassifierPredictor:
    """Names the lesions in boxes on films of any size and depth."""

    def __init__(
        self,
        model: nn.Module,
        config: CropClassifierConfig,
        checkpoint: Checkpoint,
        device: torch.device,
        runtime: Runtime = Runtime.torch,
    ) -> None:
        """Take a model that learns no more.

        Raises:
            InputError: the runtime is not installed.
        """
        self._network = inference_network(model, config.input.side_px, device, runtime)
        self._input = config.input
        self._looks = config.looks
        self._temperature = checkpoint.temperature
        self.class_names = checkpoint.class_names
        self.operating_points = checkpoint.operating_points
        self.operating_curve = checkpoint.operating_curve
        self.calibrated_with = checkpoint.calibrated_with
        self.view_fusion = checkpoint.view_fusion

    @classmethod
    def from_checkpoint(
        cls, path: Path, device: torch.device, runtime: Runtime = Runtime.torch
    ) -> "CropClassifierPredictor":
        """Load a classifier.

        Raises:
            InputError: the file is no classifier checkpoint that this version can read, or the
                runtime is not installed.
        """
        model, config, checkpoint = load_crop_classifier(path)
        return cls(model, config, checkpoint, device, runtime)

    @property
    def knows_background(self) -> bool:
        """Whether it was taught to tell lesions from a detector's false boxes."""
        return BACKGROUND in self.class_names

    def name(self, film: np.ndarray, boxes_xyxy: np.ndarray) -> Naming:
        """Say what is in (N, 4) boxes in pixels of the (H, W) film."""
        logits = self.logits(film, boxes_xyxy)
        lesion = np.ones(len(logits))
        if self.knows_background:
            lesion -= softmax(logits, axis=1)[:, self.class_names.index(BACKGROUND)]
        return Naming(lesion, softmax(self.lesion_logits(logits) / self._temperature, axis=1))

    def lesion_logits(self, logits: np.ndarray) -> np.ndarray:
        """Return the (N, 2) columns of Benign and Cancer of (N, class_count) logits."""
        return logits[:, [self.class_names.index(name) for name in LESION_LABELS]]

    def logits(self, film: np.ndarray, boxes_xyxy: np.ndarray) -> np.ndarray:
        """Return (N, class_count) float64 logits, each the mean over all looks."""
        if len(boxes_xyxy) == 0:
            return np.zeros((0, len(self.class_names)))
        intensities = intensity_window(film)
        windows = [
            # Never so close that the lesion is cut off.
            crop_window(box, film, max(1.0, self._input.margin / zoom), self._input.crop_shape)
            for zoom in self._looks.zooms
            for box in boxes_xyxy
        ]
        begun = [
            begin(partial(self._look, film, windows[start : start + BATCH_SIZE], intensities))
            for start in range(0, len(windows), BATCH_SIZE)
        ]
        logits = torch.cat([batch.result() for batch in begun])
        return logits.unflatten(0, (len(self._looks.zooms), -1)).mean(dim=0).cpu().double().numpy()

    @torch.inference_mode()
    def _look(
        self, film: np.ndarray, windows_xyxy: list[np.ndarray], intensities: IntensityWindow
    ) -> Tensor:
        """Return (N, class_count) logits of N windows, their mirror images looked at too."""
        side_px = self._input.side_px
        crops = torch.stack(
            [
                standardise(torch.from_numpy(cut_crop(film, window, side_px, intensities))[None])
                for window in windows_xyxy
            ]
        )
        logits = self._network(crops)
        if self._looks.mirrored:
            logits = (logits + self._network(crops.flip(dims=[3]))) / 2
        return logits
