import numpy as np
import onnx
import pytest
import torch
from torch import nn

from formats import extras
from formats.errors import InputError
from training.networks.onnx_graph import describe_graph, export_graph, graph_runner, require_onnx

EXAMPLE = torch.rand((1, 3, 8, 8), generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2)).eval()


def test_a_graph_gives_what_the_network_gives_for_any_number(network: nn.Module) -> None:
    run = graph_runner(export_graph(network, EXAMPLE, "images", ["values"], batch_name="count"))

    for count in (1, 5):
        images = torch.rand((count, 3, 8, 8), generator=torch.Generator().manual_seed(count))
        (values,) = run(images.numpy())
        np.testing.assert_allclose(values, network(images).detach().numpy(), atol=1e-5)


def test_its_description_stays_in_the_file(network: nn.Module) -> None:
    graph = export_graph(network, EXAMPLE, "images", ["values"])
    described = describe_graph(graph, {"usage": '{"side_px": 8}'})

    model = onnx.load_model_from_string(described)
    assert {entry.key: entry.value for entry in model.metadata_props} == {"usage": '{"side_px": 8}'}
    (before,) = graph_runner(graph)(EXAMPLE.numpy())
    (after,) = graph_runner(described)(EXAMPLE.numpy())
    np.testing.assert_array_equal(before, after)


def test_the_same_network_gives_the_same_bytes(network: nn.Module) -> None:
    first, second = (
        describe_graph(export_graph(network, EXAMPLE, "images", ["values"]), {"a": "b"})
        for _ in range(2)
    )

    assert first == second


@pytest.mark.parametrize("missing", [["onnxruntime"], ["onnx", "onnxruntime"]], ids=" ".join)
def test_what_is_missing_is_said_with_how_to_install_it(
    missing: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name in missing else name)

    with pytest.raises(
        InputError, match=f"^{' and '.join(missing)}: not installed; `pip install .*onnx"
    ):
        require_onnx()
