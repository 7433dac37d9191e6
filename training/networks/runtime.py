"""What computes a trained network."""

from enum import StrEnum


class Runtime(StrEnum):
    """How commands call it, as `--engine`; what comes out is the same, to rounding."""

    torch = "torch"
    onnx = "onnx"
    """onnxruntime, on processors, from a graph that torch exports when the network is loaded."""
