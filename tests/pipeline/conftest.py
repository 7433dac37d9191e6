from pathlib import Path

import pytest
import torch

from classifier.crops.config import CropClassifierConfig
from classifier.crops.model import save_crop_classifier
from classifier.model import build_classifier
from classifier.whole_image.config import WholeImageConfig, WholeImageInput
from classifier.whole_image.model import build_whole_image_classifier, save_whole_image_classifier
from classifier.whole_image.questions import FIRST, SECOND, SINGLE
from detector.config import DetectorConfig, DetectorData, DetectorInput
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
    config = CropClassifierConfig()
    config.input.side_px = 64
    save_crop_classifier(
        build_classifier(config.model, 2), config, folder / "classifier.safetensors", {}, {}
    )
    return folder / "detector.safetensors", folder / "classifier.safetensors"


@pytest.fixture(scope="session")
def background_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained classifier that knows background."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("background") / "classifier.safetensors"
    config = CropClassifierConfig()
    config.data.class_names = ["Background", "Benign", "Cancer"]
    config.input.side_px = 64
    save_crop_classifier(build_classifier(config.model, 3), config, path, {}, {})
    return path


@pytest.fixture(scope="session")
def class_naming_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained detector that names the class."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("class_naming") / "detector.safetensors"
    config = DetectorConfig(
        data=DetectorData(class_names=["Benign", "Cancer"]), input=DetectorInput(side_px=128)
    )
    save_detector(build_detector(config), config, path, {}, {})
    return path


@pytest.fixture(scope="session")
def whole_image_checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Untrained whole-image networks by what they are asked."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("whole_image")
    config = WholeImageConfig(input=WholeImageInput(height_px=96, width_px=64))
    paths = {}
    for name, question in {"single": SINGLE, "first": FIRST, "second": SECOND}.items():
        model = build_whole_image_classifier(config.model, len(question.class_names))
        views = {f"train_views_{class_name}": "4" for class_name in question.class_names}
        paths[name] = folder / f"{name}.safetensors"
        save_whole_image_classifier(model, config, question, paths[name], views, {})
    return paths


@pytest.fixture(scope="session")
def random_model(random_checkpoints: tuple[Path, Path]) -> TwoStage:
    return TwoStage(*random_checkpoints, torch.device("cpu"))
