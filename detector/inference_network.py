"""A trained detector's network that only finds: as a torch module, or as an ONNX graph."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torchvision.models.detection.generalized_rcnn import GeneralizedRCNN

from formats.errors import InputError
from training.networks.folding import folded
from training.networks.onnx_graph import export_graph, graph_runner
from training.networks.runtime import Runtime

# Backbones take images of any size; smaller ones than their strides allow would vanish.
BACKBONE_EXAMPLE_SHAPE = (1, 3, 64, 64)
INPUT_NAME = "image"
OUTPUT_NAMES = ("boxes", "scores", "labels")
InferenceNetwork = Callable[[list[Tensor]], list[dict[str, Tensor]]]
"""From (3, S, S) squares of 0..1 to `boxes` (N, 4), `scores` and `labels` of each."""


def inference_network(
    model: nn.Module, side_px: int, device: torch.device, runtime: Runtime
) -> InferenceNetwork:
    """Return a detector that learns no more; the model's backbone is changed.

    Raises:
        InputError: the runtime is not installed, or the detector has no graph.
    """
    if runtime == Runtime.onnx:
        return _graph_network(inference_graph(model, side_px))
    if isinstance(model, GeneralizedRCNN):
        _fold(model)
    return model.to(device).to(memory_format=torch.channels_last)


def inference_graph(model: nn.Module, side_px: int) -> bytes:
    """Return a detector as an ONNX file's content; the model's backbone is changed.

    From `image` (3, S, S) to `boxes` (N, 4) xyxy in its pixels, `scores` (N,), falling, and
    `labels` (N,) from 1.

    Raises:
        InputError: onnx is not installed, or the detector is of another engine than torchvision.
    """
    if not isinstance(model, GeneralizedRCNN):
        raise InputError(
            "only detectors of model.engine=torchvision have an ONNX graph; leave --engine onnx out"
        )
    _fold(model)
    # Noise, so that proposals come to every step: what is traced is what is computed for it.
    square = torch.rand((3, side_px, side_px), generator=torch.Generator().manual_seed(0))
    return export_graph(_OneSquare(model).eval(), square, INPUT_NAME, OUTPUT_NAMES)


class _OneSquare(nn.Module):
    """A detector without lists and dicts, which graphs have no words for."""

    def __init__(self, detector: GeneralizedRCNN) -> None:
        super().__init__()
        self._detector = detector

    def forward(self, square: Tensor) -> tuple[Tensor, ...]:
        """Return what `OUTPUT_NAMES` says."""
        (found,) = self._detector([square])
        return tuple(found[name] for name in OUTPUT_NAMES)


def _fold(model: GeneralizedRCNN) -> None:
    model.backbone = folded(model.backbone, BACKBONE_EXAMPLE_SHAPE)


def _graph_network(graph: bytes) -> InferenceNetwork:
    run = graph_runner(graph)

    def find(squares: list[Tensor]) -> list[dict[str, Tensor]]:
        found = [run(square.numpy()) for square in squares]
        return [
            dict(zip(OUTPUT_NAMES, map(torch.from_numpy, arrays), strict=True)) for arrays in found
        ]

    return find
