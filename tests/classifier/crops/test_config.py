from pathlib import Path

import pytest

from classifier.crops.config import ClassifierConfig, ClassifierInput
from formats.errors import InputError
from training.config import load_config


def test_crop_may_not_cut_into_the_lesion() -> None:
    with pytest.raises(InputError, match=r"input\.margin is 0\.9"):
        ClassifierInput(margin=0.9)


def test_tiny_crops_are_refused() -> None:
    with pytest.raises(InputError, match=r"input\.side_px is 32"):
        ClassifierInput(side_px=32)


@pytest.mark.parametrize("path", sorted(Path("configs").glob("*classifier*.yaml")), ids=str)
def test_classifier_configs_load(path: Path) -> None:
    assert load_config(ClassifierConfig, path, []).model.architecture
