"""Classifiers that version 1 wrote answer what they answered, whatever the defaults become."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch
from version_1 import write_version_1

from classifier.config import ClassifierModel
from classifier.crops.config import CropClassifierConfig, CropInput, CropLooks
from classifier.crops.model import save_crop_classifier
from classifier.crops.predictor import CropClassifierPredictor
from classifier.model import build_classifier
from classifier.whole_image.config import WholeImageConfig
from classifier.whole_image.model import (
    build_whole_image_classifier,
    load_whole_image_classifier,
    save_whole_image_classifier,
)
from classifier.whole_image.questions import SINGLE
from training.checkpoint import load_checkpoint

FILM = np.random.default_rng(0).integers(0, 255, (160, 128)).astype(np.uint8)
BOXES = np.array([[20, 30, 80, 90.0]])


@pytest.mark.parametrize("architecture", ["tf_efficientnet_lite0", "shufflenet_v2_x1_0"])
def test_other_zooms_do_not_change_what_an_old_classifier_says(
    architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    config = CropClassifierConfig(
        input=CropInput(side_px=64), model=ClassifierModel(architecture=architecture)
    )
    save_crop_classifier(
        build_classifier(config.model, 2), config, tmp_path / "new.safetensors", {}, {}
    )
    path = tmp_path / "old.safetensors"
    write_version_1(load_checkpoint(tmp_path / "new.safetensors", "classifier"), path)

    def answer() -> np.ndarray:
        return CropClassifierPredictor.from_checkpoint(path, torch.device("cpu")).logits(
            FILM, BOXES
        )

    before = answer()
    (looks,) = (field for field in fields(CropClassifierConfig) if field.name == "looks")
    monkeypatch.setattr(looks, "default_factory", lambda: CropLooks(zooms=[2.0], mirrored=False))

    np.testing.assert_array_equal(answer(), before)


def test_an_old_whole_image_classifier_loads(tmp_path: Path) -> None:
    config = WholeImageConfig()
    model = build_whole_image_classifier(config.model, 3)
    save_whole_image_classifier(model, config, SINGLE, tmp_path / "new.safetensors", {}, {})
    checkpoint = load_checkpoint(tmp_path / "new.safetensors", "whole-image classifier")
    write_version_1(checkpoint, tmp_path / "old.safetensors")

    loaded = load_whole_image_classifier(tmp_path / "old.safetensors")[0]

    assert torch.equal(loaded.head[1].weight, model.head[1].weight)
