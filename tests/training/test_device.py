import pytest
import torch

from formats.errors import InputError
from training.device import choose_device


def test_missing_gpu_is_an_input_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    assert choose_device("auto").type == "cpu"
    with pytest.raises(InputError, match="no GPU"):
        choose_device("cuda")
