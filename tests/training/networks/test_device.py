import pytest
import torch

from formats.errors import InputError
from training.networks.device import choose_device
from training.networks.runtime import Runtime


def test_missing_gpu_is_an_input_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    assert choose_device("auto").type == "cpu"
    with pytest.raises(InputError, match="no GPU"):
        choose_device("cuda")


def test_onnxruntime_runs_on_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)

    assert choose_device("auto", Runtime.onnx).type == "cpu"
    with pytest.raises(InputError, match="--engine onnx: runs on processors; use --device cpu"):
        choose_device("cuda", Runtime.onnx)
