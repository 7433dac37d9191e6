"""Networks as ONNX graphs: exported by torch, and run by onnxruntime.

The one file that knows onnx and onnxruntime, which are an extra.
"""

import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from formats.extras import require_extra

# As old as has all that the networks need: any onnxruntime of these years takes it.
OPSET = 17
GraphRunner = Callable[[np.ndarray], list[np.ndarray]]
"""From a graph's only input to its outputs."""


@dataclass(frozen=True)
class ExportedNetwork:
    """A network as a graph."""

    graph: bytes
    """An ONNX file's content."""
    usage: dict[str, Any]
    """What has to be done before and after it, as JSON has it."""


def require_onnx() -> None:
    """Make sure that what is needed for graphs is installed.

    Raises:
        InputError: it is not.
    """
    require_extra("onnx", "onnx", "onnxruntime")


def export_graph(
    network: nn.Module,
    example: Tensor,
    input_name: str,
    output_names: Sequence[str],
    batch_name: str | None = None,
) -> bytes:
    """Return a network in evaluation mode as an ONNX file's content.

    Args:
        network: from one tensor to one or to a tuple, on the processor.
        example: what it takes.
        input_name: what the graph calls it.
        output_names: what the graph calls what comes out.
        batch_name: what the first axis counts, which may then be of any length; None where every
            axis is as the example's.

    Raises:
        InputError: onnx or onnxruntime is not installed.
    """
    require_onnx()
    names = [input_name, *output_names]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        path = Path(folder) / "network.onnx"
        # Of the exporter's age, and of values that are the same for every image of this size.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (example,),
            path,
            # The newer exporter cannot follow torchvision's detectors (docs/export.md).
            dynamo=False,
            opset_version=OPSET,
            input_names=[input_name],
            output_names=[*output_names],
            dynamic_axes={name: {0: batch_name} for name in names} if batch_name else None,
        )
        return path.read_bytes()


def describe_graph(graph: bytes, description: Mapping[str, str]) -> bytes:
    """Return an ONNX file's content with a description in its metadata."""
    import onnx

    model = onnx.load_model_from_string(graph)
    onnx.helper.set_model_props(model, dict(description))
    return model.SerializeToString(deterministic=True)


def graph_runner(graph: bytes) -> GraphRunner:
    """Return what runs an ONNX file's content, each call on the core that it is called on."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # Calls stand side by side already (training/networks/side_by_side.py).
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    (taken,) = session.get_inputs()
    return lambda array: session.run(None, {taken.name: array})
