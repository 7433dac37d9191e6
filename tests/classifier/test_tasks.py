from dataclasses import asdict
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from classifier.tasks import train_from_file
from classifier.whole_image.config import WholeImageConfig
from classifier.whole_image.model import load_whole_image_classifier
from formats.errors import InputError


def test_task_chooses_what_is_trained(stripe_config: WholeImageConfig, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(OmegaConf.to_yaml(OmegaConf.structured(stripe_config)))
    trained = train_from_file(path, ["model.head=narrow"], tmp_path / "run", "cpu", resume=False)

    (best,) = trained
    config = load_whole_image_classifier(best)[1]
    # A checkpoint names its data without this machine's folders.
    paths = ("train_coco", "val_coco", "image_root")
    names = {key: Path(getattr(stripe_config.data, key)).name for key in paths}
    assert asdict(config.data) == asdict(stripe_config.data) | names
    assert config.model.head == "narrow"


@pytest.mark.parametrize("text", ["{}", "task: crops"], ids=["absent", "crops"])
def test_crops_are_the_task_of_a_file_that_names_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)

    with pytest.raises(InputError, match="margin is 0"):
        train_from_file(path, ["input.margin=0"], tmp_path / "run", "cpu", resume=False)


def test_unknown_task_is_named_with_the_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("task: segmentation")

    with pytest.raises(InputError, match=r"'segmentation'.*crops.*whole_image_single"):
        train_from_file(path, [], tmp_path / "run", "cpu", resume=False)


def test_a_list_is_no_configuration(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("- task")

    with pytest.raises(InputError, match=r"config\.yaml: holds a list"):
        train_from_file(path, [], tmp_path / "run", "cpu", resume=False)
