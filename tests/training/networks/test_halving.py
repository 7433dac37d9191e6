from copy import deepcopy

import pytest
import torch
from timm.layers.conv2d_same import Conv2dSame
from torch import nn

from training.networks.folding import folded
from training.networks.halving import HalvingConvolution, pad_kernels


@pytest.mark.parametrize("shape_hw", [(32, 48), (31, 48), (31, 33)])
@pytest.mark.parametrize("kernel_size", [3, 5, 7, (3, 5)])
def test_values_and_gradients_are_timms(
    kernel_size: int | tuple[int, int], shape_hw: tuple[int, int]
) -> None:
    torch.manual_seed(0)
    own = nn.Sequential(Conv2dSame(4, 6, kernel_size, stride=2, groups=2))
    changed = deepcopy(own)
    pad_kernels(changed)
    assert type(changed[0]) is HalvingConvolution
    gradients = []
    for network in (own, changed):
        torch.manual_seed(1)
        images = torch.rand(2, 4, *shape_hw, requires_grad=True)
        features = network(images)
        (features * torch.rand_like(features)).sum().backward()
        of_parameters = [parameter.grad for parameter in network.parameters()]
        gradients.append([features, images.grad, *of_parameters])
    for of_own, of_changed in zip(*gradients, strict=True):
        torch.testing.assert_close(of_changed, of_own)


@pytest.mark.parametrize(("side_px", "is_plain"), [(32, True), (31, False)])
@torch.no_grad()
def test_folding_leaves_a_plain_convolution_for_even_maps(side_px: int, is_plain: bool) -> None:
    network = nn.Sequential(Conv2dSame(3, 6, 5, stride=2, groups=3))
    pad_kernels(network)
    shape = (1, 3, side_px, side_px)
    changed = folded(network, shape)

    assert (type(changed[0]) is nn.Conv2d) == is_plain  # type: ignore[index]
    images = torch.rand(shape)
    torch.testing.assert_close(changed(images), network(images))


@pytest.mark.parametrize(
    ("kernel_size", "stride", "dilation"), [(1, 2, 1), (4, 2, 1), (3, 3, 1), (3, 1, 1), (3, 2, 2)]
)
def test_other_convolutions_stay(kernel_size: int, stride: int, dilation: int) -> None:
    network = nn.Sequential(Conv2dSame(3, 6, kernel_size, stride=stride, dilation=dilation))
    pad_kernels(network)
    assert type(network[0]) is Conv2dSame
