from copy import deepcopy

import pytest
import torch
from torch import nn

from training.networks.backbones import SHUFFLENET, Activation, build_pyramid_body
from training.networks.depthwise import keep_depthwise_precision
from training.networks.halving import HalvingConvolution

DEPTHWISE = {
    "torch's": nn.Conv2d(4, 4, 5, padding=2, groups=4),
    "halving": HalvingConvolution(4, 4, 5, stride=2, groups=4),
}
IMAGES = torch.rand(2, 4, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("kind", DEPTHWISE)
def test_half_precision_around_changes_nothing(kind: str) -> None:
    network = nn.Sequential(deepcopy(DEPTHWISE[kind]))
    keep_depthwise_precision(network)
    expected = DEPTHWISE[kind](IMAGES)
    with torch.autocast("cpu", torch.bfloat16):
        found = network(IMAGES)

    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=0, atol=0)
    torch.testing.assert_close(network(IMAGES), expected, rtol=0, atol=0)


def test_gradients_come_back_in_the_precision_of_what_was_given() -> None:
    network = nn.Sequential(deepcopy(DEPTHWISE["torch's"]))
    keep_depthwise_precision(network)
    halves = IMAGES.bfloat16().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        network(halves).sum().backward()

    assert halves.grad is not None
    assert halves.grad.dtype == torch.bfloat16
    assert {parameter.grad.dtype for parameter in network.parameters()} == {torch.float32}


@pytest.mark.parametrize("groups", [1, 2])
def test_other_convolutions_learn_in_half_precision(groups: int) -> None:
    network = nn.Sequential(nn.Conv2d(4, 4, 3, groups=groups))
    keep_depthwise_precision(network)
    with torch.autocast("cpu", torch.bfloat16):
        assert network(IMAGES).dtype == torch.bfloat16


@pytest.mark.parametrize("name", ["tf_efficientnet_lite0", SHUFFLENET])
def test_every_depthwise_convolution_of_a_backbone_is_kept(name: str) -> None:
    body, _ = build_pyramid_body(name, "none", Activation.own)
    depthwise = [
        module
        for module in body.modules()
        if isinstance(module, nn.Conv2d) and module.groups == module.in_channels > 1
    ]
    answered_in = set()
    for module in depthwise:
        module.register_forward_hook(lambda _, __, output: answered_in.add(output.dtype))
    with torch.autocast("cpu", torch.bfloat16):
        body(torch.rand(1, 3, 64, 64))

    assert len(depthwise) > 10
    assert answered_in == {torch.float32}
