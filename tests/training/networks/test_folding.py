import pytest
import torch
from backbone_families import FAMILIES
from torch import nn

from training.networks.backbones import Activation, build_body
from training.networks.folding import folded

SHAPE = (1, 3, 64, 64)


class Features(nn.Module):
    """A body's last features."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.body.forward_features(images)  # type: ignore[no-any-return,operator]


def with_statistics(network: nn.Module) -> nn.Module:
    """Give every normalisation something to do."""
    torch.manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for values in (module.weight, module.running_var):
                nn.init.uniform_(values, 0.8, 1.25)
            for values in (module.bias, module.running_mean):
                nn.init.normal_(values, std=0.1)
    return network.eval()


def norm_count(network: nn.Module) -> int:
    return sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())


@pytest.mark.parametrize("name", FAMILIES)
@torch.no_grad()
def test_a_folded_network_computes_the_same(name: str) -> None:
    body = with_statistics(Features(build_body(name, "none", Activation.own)))
    images = torch.rand(2, 3, 96, 96)
    before = body(images)
    changed = folded(body, SHAPE)

    assert norm_count(changed) == 0
    torch.testing.assert_close(changed(images), before, rtol=1e-3, atol=1e-3)
    assert body(images).equal(before)


@torch.no_grad()
def test_a_normalisation_behind_anything_else_stays() -> None:
    pooled = nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(2), nn.BatchNorm2d(4))
    first = nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 4, 3))
    for network in (pooled, first):
        with_statistics(network)
        images = torch.rand(1, 3, 64, 64)
        before = network(images)
        changed = folded(network, SHAPE)
        assert norm_count(changed) == 1
        torch.testing.assert_close(changed(images), before)


@torch.no_grad()
def test_a_convolution_that_is_used_again_stays() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.shared = nn.Conv2d(3, 3, 3, padding=1)
            self.first, self.second = nn.BatchNorm2d(3), nn.BatchNorm2d(3)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return self.second(self.shared(self.first(self.shared(images))))

    network = with_statistics(Twice())
    images = torch.rand(1, 3, 64, 64)
    before = network(images)
    torch.testing.assert_close(folded(network, SHAPE)(images), before)


@torch.no_grad()
def test_what_folding_would_change_stays() -> None:
    """Something between a convolution and its normalisation that works in place."""
    network = with_statistics(
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.BatchNorm2d(4))
    )
    images = torch.rand(1, 3, 64, 64)
    before = network(images)
    changed = folded(network, SHAPE)
    assert norm_count(changed) == 1
    torch.testing.assert_close(changed(images), before)


@torch.no_grad()
def test_a_network_of_one_size_is_asked_at_its_own() -> None:
    network = with_statistics(
        nn.Sequential(nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(72, 5))
    )
    changed = folded(network, (1, 3, 8, 8))
    assert norm_count(changed) == 0
