from pathlib import Path

import pytest

from classifier.crops.config import CropClassifierConfig, CropInput, CropLooks
from formats.errors import InputError
from training.config import load_config

CONFIGS = sorted((Path(__file__).parents[3] / "configs").glob("*classifier*.yaml"))


def test_crop_may_not_cut_into_the_lesion() -> None:
    with pytest.raises(InputError, match=r"input\.margin is 0\.9"):
        CropInput(margin=0.9)


def test_tiny_crops_are_refused() -> None:
    with pytest.raises(InputError, match=r"input\.side_px is 32"):
        CropInput(side_px=32)


@pytest.mark.parametrize("zooms", [[], [0.0], [1.0, -1.0]], ids=str)
def test_looking_nowhere_is_refused(zooms: list[float]) -> None:
    with pytest.raises(InputError, match=r"looks\.zooms is"):
        CropLooks(zooms=zooms)


def test_there_are_configurations() -> None:
    assert len(CONFIGS) >= 2


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_classifier_configs_load(path: Path) -> None:
    assert load_config(CropClassifierConfig, path, []).model.architecture
