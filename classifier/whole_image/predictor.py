"""A whole-image network for films of any size: arrays in, probabilities out."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from classifier.standardisation import standardise
from classifier.whole_image.config import WholeImageConfig
from classifier.whole_image.model import load_whole_image_classifier
from classifier.whole_image.questions import Question
from formats.errors import InputError
from formats.geometry.letterbox import film_to_canvas
from training.networks.side_by_side import begin
from training.saving.checkpoint import Checkpoint


class WholeImagePredictor:
    """Answers one question about whole films of any size and depth."""

    def __init__(
        self,
        model: nn.Module,
        config: WholeImageConfig,
        checkpoint: Checkpoint,
        device: torch.device,
    ) -> None:
        self._model = model.to(device).to(memory_format=torch.channels_last)
        self._input = config.input
        self._device = device
        self._temperature = checkpoint.temperature
        self.train_views = [
            int(checkpoint.data[f"train_views_{name}"]) for name in checkpoint.class_names
        ]
        """Views of each class that the network learnt from."""
        self.tumour_probability = config.decision.tumour_probability
        """From here on the hierarchy's first network says Tumour."""

    @classmethod
    def from_checkpoint(
        cls, path: Path, question: Question, device: torch.device
    ) -> "WholeImagePredictor":
        """Load a network.

        Raises:
            InputError: the file is no whole-image classifier, or one for another question.
        """
        model, config, checkpoint = load_whole_image_classifier(path)
        if checkpoint.class_names != list(question.class_names):
            raise InputError(
                f"{path}: this network tells {checkpoint.class_names} apart; "
                f"give one for {list(question.class_names)}"
            )
        return cls(model, config, checkpoint, device)

    def probabilities(self, films: Sequence[np.ndarray]) -> np.ndarray:
        """Return (N, class_count) probabilities of N (H, W) films.

        Films are looked at one by one on processors, so that what is said of one depends neither on
        the others nor on the number of cores, and at once on a GPU.
        """
        if not films:
            return np.zeros((0, len(self.train_views)))
        size_px = self._input.height_px, self._input.width_px
        placed = [film_to_canvas(film, size_px, self._input.geometry) for film in films]
        canvases = torch.stack(
            [standardise(torch.from_numpy(canvas)[None]) for canvas, _ in placed]
        )
        batches = canvases.split(1 if self._device.type == "cpu" else len(canvases))
        begun = [begin(partial(self._logits, batch)) for batch in batches]
        logits = torch.cat([of_batch.result() for of_batch in begun])
        return (logits / self._temperature).softmax(dim=1).numpy()

    @torch.inference_mode()
    def _logits(self, canvases: Tensor) -> Tensor:
        """Return (N, class_count) float64 logits of (N, 3, H, W) canvases."""
        batch = canvases.to(self._device, memory_format=torch.channels_last)
        return self._model(batch).cpu().double()
