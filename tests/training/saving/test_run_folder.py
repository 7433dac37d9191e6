import logging
from dataclasses import replace
from pathlib import Path

import pytest

from detector.config import DetectorConfig, DetectorInput
from formats.errors import InputError
from training.config import write_config
from training.saving.run_folder import check_run_folder


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """The folder of a training with the default settings."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "epoch-00001-step-0000000.safetensors").touch()
    write_config(DetectorConfig(), tmp_path / "config.yaml")
    return tmp_path


def test_the_same_settings_may_go_on(run_dir: Path) -> None:
    check_run_folder(DetectorConfig(), run_dir, resume=True)


def test_an_empty_folder_may_be_started_in(tmp_path: Path) -> None:
    check_run_folder(DetectorConfig(), tmp_path, resume=False)
    with pytest.raises(InputError, match="nothing to resume"):
        check_run_folder(DetectorConfig(), tmp_path, resume=True)


def test_a_folder_with_a_training_is_not_started_in(run_dir: Path) -> None:
    with pytest.raises(InputError, match="holds an earlier training"):
        check_run_folder(DetectorConfig(), run_dir, resume=False)


def test_what_cannot_change_is_listed_with_both_values(run_dir: Path) -> None:
    changed = DetectorConfig(input=DetectorInput(side_px=96))
    changed.data.train_coco = "other.json"
    changed.model.suppression.nms_iou = 0.6
    changed.optimisation.seed = 1
    changed.optimisation.epochs = 99

    with pytest.raises(InputError) as refusal:
        check_run_folder(changed, run_dir, resume=True)

    for told in (
        "input.side_px (448 before, 96 now)",
        "data.train_coco ( before, other.json now)",
        "model.suppression.nms_iou (0.4 before, 0.6 now)",
        "optimisation.seed (0 before, 1 now)",
    ):
        assert told in str(refusal.value)
    assert "epochs" not in str(refusal.value)


def test_what_can_change_is_told(run_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = DetectorConfig()
    changed = replace(config, optimisation=replace(config.optimisation, learning_rate=0.001))
    changed.augmentation.gamma = [1.0, 1.0]
    with caplog.at_level(logging.INFO):
        check_run_folder(changed, run_dir, resume=True)

    assert "optimisation.learning_rate (0.0004 before, 0.001 now)" in caplog.text
    assert "augmentation.gamma ([0.7, 1.4] before, [1.0, 1.0] now)" in caplog.text
