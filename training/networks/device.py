"""What the networks run on."""

import torch

from formats.errors import InputError
from training.networks.onnx_graph import require_onnx
from training.networks.runtime import Runtime


def choose_device(name: str, runtime: Runtime = Runtime.torch) -> torch.device:
    """Turn `auto`, `cpu` or `cuda` into a device.

    Raises:
        InputError: a GPU was asked for and there is none or the runtime uses none, or the runtime
            is not installed.
    """
    if runtime == Runtime.onnx:
        return _processor_for_onnx(name)
    require_device(name)
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(name)


def require_device(name: str) -> None:
    """Refuse a GPU where there is none.

    Raises:
        InputError: says what to give.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("--device cuda: this torch sees no GPU; use --device cpu or auto")


def computes_in_bfloat16(device: torch.device) -> bool:
    """Say whether a GPU or an x86 processor has instructions for bfloat16.

    Emulating them is slower than float32; of other processors it is not known.
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu":
        return False
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))


def _processor_for_onnx(name: str) -> torch.device:
    require_onnx()
    if name == "cuda":
        raise InputError("--engine onnx: runs on processors; use --device cpu or --engine torch")
    return torch.device("cpu")
