from pathlib import Path

import pytest
import torch

from classifier.config import ClassifierModel
from classifier.crops.config import CropClassifierConfig
from classifier.crops.model import load_crop_classifier, save_crop_classifier
from classifier.model import build_classifier, set_classifier_mode
from detector.config import DetectorConfig
from detector.model import build_detector, save_detector
from formats.errors import InputError


def test_logits_have_one_column_a_class() -> None:
    model = build_classifier(ClassifierModel(), class_count=2).eval()

    assert model(torch.rand(3, 3, 64, 64)).shape == (3, 2)


@pytest.mark.parametrize(
    "architecture", ["efficientnet_b1", "tf_efficientnet_lite0", "shufflenet_v2_x1_0"]
)
def test_other_sizes_are_chosen_by_name(architecture: str) -> None:
    model = build_classifier(ClassifierModel(architecture=architecture), class_count=3).eval()

    assert model(torch.rand(1, 3, 64, 64)).shape == (1, 3)


def test_unknown_architecture_is_named() -> None:
    with pytest.raises(InputError, match="'efficientnet_b9'"):
        build_classifier(ClassifierModel(architecture="efficientnet_b9"), 2)


def test_a_frozen_body_neither_learns_nor_follows_batches() -> None:
    config = ClassifierModel(frozen_epochs=1)
    model = build_classifier(config, 2)
    set_classifier_mode(model, config, epoch=0)
    before = {name: value.clone() for name, value in model.body.state_dict().items()}
    model(torch.rand(4, 3, 64, 64)).sum().backward()

    assert all(p.grad is None for p in model.body.parameters())
    assert all(p.grad is not None for p in model.head.parameters())
    assert all(torch.equal(v, before[n]) for n, v in model.body.state_dict().items())

    set_classifier_mode(model, config, epoch=1)
    assert all(p.requires_grad for p in model.parameters())
    assert model.body.bn1.training


def test_first_blocks_stay_frozen_after_the_frozen_epochs() -> None:
    config = ClassifierModel(frozen_epochs=1, frozen_blocks=2)
    model = build_classifier(config, 2)
    set_classifier_mode(model, config, epoch=1)

    assert not any(p.requires_grad for p in model.body.conv_stem.parameters())
    assert not any(p.requires_grad for p in model.body.blocks[0].parameters())
    assert all(p.requires_grad for p in model.body.blocks[1].parameters())


def test_checkpoint_round_trip_gives_the_same_logits(tmp_path: Path) -> None:
    config = CropClassifierConfig()
    model = build_classifier(config.model, 2).eval()
    save_crop_classifier(model, config, tmp_path / "c.safetensors", {}, {"auc": 0.75})
    loaded, loaded_config, checkpoint = load_crop_classifier(tmp_path / "c.safetensors")
    crops = torch.rand(2, 3, 64, 64)

    assert loaded_config == config
    assert checkpoint.class_names == ["Benign", "Cancer"]
    assert torch.equal(loaded(crops), model(crops))


def test_a_detector_is_no_classifier(tmp_path: Path) -> None:
    config = DetectorConfig()
    save_detector(build_detector(config), config, tmp_path / "d.safetensors", {}, {})

    with pytest.raises(InputError, match="this is a detector; give a classifier"):
        load_crop_classifier(tmp_path / "d.safetensors")


def test_an_initial_checkpoint_fills_all_but_the_layer_of_other_classes(tmp_path: Path) -> None:
    config = CropClassifierConfig()
    source = build_classifier(config.model, 2)
    save_crop_classifier(source, config, tmp_path / "first.safetensors", {}, {})
    config.model.initial_checkpoint = str(tmp_path / "first.safetensors")

    same = build_classifier(config.model, 2).state_dict()
    other = build_classifier(config.model, 3).state_dict()

    assert all(torch.equal(value, same[name]) for name, value in source.state_dict().items())
    assert torch.equal(source.state_dict()["body.conv_stem.weight"], other["body.conv_stem.weight"])
    assert other["head.1.weight"].shape[0] == 3


def test_an_initial_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    config = CropClassifierConfig()
    save_crop_classifier(
        build_classifier(config.model, 2), config, tmp_path / "first.safetensors", {}, {}
    )
    other = ClassifierModel(
        architecture="shufflenet_v2_x1_0",
        initial_checkpoint=str(tmp_path / "first.safetensors"),
    )

    with pytest.raises(InputError, match=r"first\.safetensors.*another network"):
        build_classifier(other, 2)
