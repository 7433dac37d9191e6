import numpy as np
import pytest
import torch
from torch import Tensor, nn

from detector.config import DetectorConfig, DetectorInput
from detector.inference_network import InferenceNetwork, inference_network
from detector.model import build_detector
from formats.errors import InputError
from training.networks.runtime import Runtime

CPU = torch.device("cpu")
SIDE_PX = 128
# Without equal parts, whose equal scores come in any order.
NOISE = torch.rand((3, SIDE_PX, SIDE_PX), generator=torch.Generator().manual_seed(1))
NETWORK_INPUTS = {
    "noise": NOISE,
    "other noise": NOISE.flip(dims=[1]),
    "bright middle": NOISE / 10 + torch.linspace(-1, 1, SIDE_PX).square().mul(-1).exp() / 2,
}


def networks(lowest_score: float) -> dict[Runtime, InferenceNetwork]:
    torch.manual_seed(0)
    config = DetectorConfig(input=DetectorInput(side_px=SIDE_PX))
    config.model.suppression.lowest_score = lowest_score
    model = build_detector(config).eval()
    return {
        # The one for torch folds the model, whose graph is then exported.
        runtime: inference_network(model, SIDE_PX, CPU, runtime)
        for runtime in (Runtime.onnx, Runtime.torch)
    }


@pytest.fixture(scope="module")
def eager() -> dict[Runtime, InferenceNetwork]:
    """The same network of both runtimes, which lists what it hardly believes."""
    return networks(lowest_score=0.001)


@torch.inference_mode()
def find(network: InferenceNetwork, square: Tensor) -> dict[str, np.ndarray]:
    (found,) = network([square])
    return {name: values.numpy() for name, values in found.items()}


@pytest.mark.parametrize("name", NETWORK_INPUTS)
def test_a_graph_finds_what_the_network_finds(
    eager: dict[Runtime, InferenceNetwork], name: str
) -> None:
    by_torch, by_onnx = (find(eager[runtime], NETWORK_INPUTS[name]) for runtime in Runtime)

    assert len(by_torch["scores"]) > 0
    assert by_onnx.keys() == by_torch.keys()
    np.testing.assert_array_equal(by_onnx["labels"], by_torch["labels"])
    np.testing.assert_allclose(by_onnx["scores"], by_torch["scores"], atol=1e-5)
    np.testing.assert_allclose(by_onnx["boxes"], by_torch["boxes"], atol=1e-3)


def test_where_nothing_is_found_there_are_no_boxes() -> None:
    sure = networks(lowest_score=0.999)

    for network in sure.values():
        found = find(network, torch.zeros(3, SIDE_PX, SIDE_PX))
        assert found["boxes"].shape == (0, 4)
        assert found["scores"].shape == found["labels"].shape == (0,)


def test_other_engines_have_no_graph() -> None:
    with pytest.raises(InputError, match=r"only detectors of model\.engine=torchvision"):
        inference_network(nn.Identity(), SIDE_PX, CPU, Runtime.onnx)
