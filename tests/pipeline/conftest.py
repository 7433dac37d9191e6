from pathlib import Path

import pytest
import torch

from classifier.config import ClassifierConfig
from classifier.model import build_classifier, save_classifier
from detector.config import DetectorConfig, DetectorInput
from detector.model import build_detector, save_detector
from pipeline.two_stage import TwoStage


@pytest.fixture(scope="session")
def random_checkpoints(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An untrained detector and classifier: they find something, of no meaning."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("checkpoints")
    detector_config = DetectorConfig(input=DetectorInput(side_px=128))
    save_detector(
        build_detector(detector_config), detector_config, folder / "detector.safetensors", {}, {}
    )
    config = ClassifierConfig()
    config.input.side_px = 64
    save_classifier(
        build_classifier(config.model, 2), config, folder / "classifier.safetensors", {}, {}
    )
    return folder / "detector.safetensors", folder / "classifier.safetensors"


@pytest.fixture(scope="session")
def random_model(random_checkpoints: tuple[Path, Path]) -> TwoStage:
    return TwoStage(*random_checkpoints, torch.device("cpu"))
