import numpy as np
import torch

from classifier.crops.config import CropClassifierConfig
from classifier.crops.inference_network import inference_network
from classifier.model import build_classifier
from training.networks.runtime import Runtime

CPU = torch.device("cpu")


def test_a_graph_names_what_the_network_names() -> None:
    torch.manual_seed(0)
    model = build_classifier(CropClassifierConfig().model, 3).eval()
    by_torch, by_onnx = (inference_network(model, 64, CPU, runtime) for runtime in Runtime)

    for count in (1, 6):
        crops = torch.randn((count, 3, 64, 64), generator=torch.Generator().manual_seed(count))
        with torch.inference_mode():
            expected = by_torch(crops)
        assert expected.shape == (count, 3)
        np.testing.assert_allclose(by_onnx(crops), expected, atol=1e-4)
