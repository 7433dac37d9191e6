from pathlib import Path

import pytest
import torch
from torch import nn

from converters.errors import InputError
from detector.config import DetectorConfig, DetectorInput
from detector.model import build_detector, load_detector, save_detector, set_training_mode
from training.backbones import BatchNorm
from training.checkpoint import Checkpoint, save_checkpoint


@pytest.fixture(scope="module")
def config() -> DetectorConfig:
    return DetectorConfig(input=DetectorInput(side_px=64))


def test_checkpoint_round_trip_gives_the_same_boxes(config: DetectorConfig, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = build_detector(config).eval()
    save_detector(model, config, tmp_path / "d.safetensors", {"name": "x"}, {"ap50": 0.5})
    loaded, loaded_config, checkpoint = load_detector(tmp_path / "d.safetensors")
    image = torch.rand(3, 64, 64)

    assert loaded_config == config
    assert checkpoint.metrics == {"ap50": 0.5}
    assert torch.equal(loaded([image])[0]["boxes"], model([image])[0]["boxes"])


def test_checkpoint_is_usable_without_the_weights_it_started_from(
    config: DetectorConfig, tmp_path: Path
) -> None:
    model = build_detector(config)
    from_file = DetectorConfig(input=config.input)
    from_file.model.weights = "long_gone.safetensors"
    save_detector(model, from_file, tmp_path / "d.safetensors", {}, {})

    assert isinstance(load_detector(tmp_path / "d.safetensors")[0], nn.Module)


def test_configuration_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.safetensors"
    save_checkpoint(Checkpoint("detector", {"unheard_of": 1}, ["Tumour"], {}), path)

    with pytest.raises(InputError, match="unheard_of"):
        load_detector(path)


@pytest.mark.parametrize(("batch_norm", "learns"), [("fixed", False), ("learned", True)])
def test_batch_norm_mode_of_the_backbone(
    config: DetectorConfig, batch_norm: str, learns: bool
) -> None:
    model = build_detector(config)
    set_training_mode(model, BatchNorm(batch_norm))
    norms = [m for m in model.get_submodule("backbone").modules() if isinstance(m, nn.BatchNorm2d)]

    assert model.training
    assert {norm.training for norm in norms} == {learns}
    assert all(norm.weight.requires_grad for norm in norms)
