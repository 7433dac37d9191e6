from pathlib import Path
from urllib.error import URLError

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn

from converters.errors import InputError
from training.backbones import Activation, build_backbone


def test_weights_file_fills_the_layers_it_has(tmp_path: Path) -> None:
    source = build_backbone("shufflenet_v2_x1_0", "none", Activation.own)
    state = {k: v for k, v in source.state_dict().items() if not k.startswith(("conv5", "fc"))}
    save_file(state, tmp_path / "body.safetensors")

    model = build_backbone("shufflenet_v2_x1_0", str(tmp_path / "body.safetensors"), Activation.own)

    assert torch.equal(model.stage2[0].branch1[0].weight, source.stage2[0].branch1[0].weight)
    assert not torch.equal(model.fc.weight, source.fc.weight)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    save_file(
        build_backbone("resnet18", "none", Activation.own).state_dict(),
        tmp_path / "resnet.safetensors",
    )

    with pytest.raises(InputError, match=r"resnet\.safetensors.*do not fit"):
        build_backbone("shufflenet_v2_x1_0", str(tmp_path / "resnet.safetensors"), Activation.own)


def test_missing_weights_file_is_named() -> None:
    with pytest.raises(InputError, match=r"nowhere\.safetensors"):
        build_backbone("resnet18", "nowhere.safetensors", Activation.own)


def test_leaky_relu_replaces_every_relu() -> None:
    model = build_backbone("shufflenet_v2_x1_0", "none", Activation.leaky_relu)
    kinds = {type(module) for module in model.modules()}

    assert nn.LeakyReLU in kinds
    assert nn.ReLU not in kinds


def test_failed_download_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(weights: str | None) -> nn.Module:
        raise URLError("no route to host")

    monkeypatch.setattr(torchvision.models, "resnet18", no_network)

    with pytest.raises(InputError, match=r"resnet18 cannot be downloaded.*model\.weights=none"):
        build_backbone("resnet18", "torchvision", Activation.own)
