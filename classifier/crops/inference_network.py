"""A trained crop classifier's network that only names: as a torch module, or as an ONNX graph."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from training.networks.folding import folded
from training.networks.onnx_graph import export_graph, graph_runner
from training.networks.runtime import Runtime

INPUT_NAME = "crops"
OUTPUT_NAME = "logits"
BATCH_NAME = "crop_count"
InferenceNetwork = Callable[[Tensor], Tensor]
"""From (B, 3, S, S) standardised crops on the processor to (B, class_count) logits."""


def inference_network(
    model: nn.Module, side_px: int, device: torch.device, runtime: Runtime
) -> InferenceNetwork:
    """Return a classifier that learns no more.

    Raises:
        InputError: the runtime is not installed.
    """
    if runtime == Runtime.onnx:
        run = graph_runner(inference_graph(model, side_px))
        return lambda crops: torch.from_numpy(run(crops.numpy())[0])
    network = _folded(model, side_px).to(device).to(memory_format=torch.channels_last)
    return lambda crops: network(crops.to(device, memory_format=torch.channels_last))


def inference_graph(model: nn.Module, side_px: int) -> bytes:
    """Return a classifier as an ONNX file's content.

    From `crops` (B, 3, S, S), standardised, to `logits` (B, class_count).

    Raises:
        InputError: onnx is not installed.
    """
    example = torch.rand((1, 3, side_px, side_px), generator=torch.Generator().manual_seed(0))
    folded_model = _folded(model, side_px)
    return export_graph(folded_model, example, INPUT_NAME, [OUTPUT_NAME], BATCH_NAME)


def _folded(model: nn.Module, side_px: int) -> nn.Module:
    return folded(model, (1, 3, side_px, side_px))
