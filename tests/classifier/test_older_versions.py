"""Classifiers of earlier versions answer what they answered, whatever the defaults become."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch
from older_versions import write_version_1, write_version_2

from classifier.config import ClassifierModel
from classifier.crops.config import CropClassifierConfig, CropInput, CropLooks
from classifier.crops.model import save_crop_classifier
from classifier.crops.predictor import CropClassifierPredictor
from classifier.model import build_classifier
from classifier.whole_image.config import WholeImageConfig, WholeImageDecision, WholeImageInput
from classifier.whole_image.hierarchical import classify_hierarchical
from classifier.whole_image.model import build_whole_image_classifier, save_whole_image_classifier
from classifier.whole_image.predictor import WholeImagePredictor
from classifier.whole_image.questions import FIRST, SECOND, Question
from formats.geometry.letterbox import Geometry
from training.saving.checkpoint import Checkpoint, load_checkpoint

FILM = np.random.default_rng(0).integers(0, 255, (160, 128)).astype(np.uint8)
FILMS = [FILM, FILM[:40], np.full((80, 30), 90, np.uint8)]
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


def whole_image_file(
    question: Question, write: Callable[[Checkpoint, Path], None], folder: Path
) -> Path:
    """Write an untrained network that says its second class by a small margin."""
    config = WholeImageConfig(input=WholeImageInput(height_px=64, width_px=64))
    model = build_whole_image_classifier(config.model, 2)
    with torch.no_grad():
        model.head[-1].bias[1] += 1
    learnt_from = {f"train_views_{name}": "10" for name in question.class_names}
    path = folder / f"{question.class_names[1]}.safetensors"
    save_whole_image_classifier(model, config, question, path, learnt_from, {})
    write(load_checkpoint(path, "whole-image classifier"), path)
    return path


@pytest.mark.parametrize("write", [write_version_1, write_version_2])
def test_other_defaults_do_not_change_what_old_whole_image_classifiers_say(
    write: Callable[[Checkpoint, Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    paths = [whole_image_file(question, write, tmp_path) for question in (FIRST, SECOND)]

    def answer() -> tuple[np.ndarray, list[str]]:
        first, second = (
            WholeImagePredictor.from_checkpoint(path, question, torch.device("cpu"))
            for path, question in zip(paths, (FIRST, SECOND), strict=True)
        )
        return classify_hierarchical(first, second, FILMS)

    probabilities, labels = answer()
    defaults = {
        "input": WholeImageInput(geometry=Geometry.stretch),
        "decision": WholeImageDecision(tumour_probability=1.0),
    }
    for field in fields(WholeImageConfig):
        if field.name in defaults:
            monkeypatch.setattr(field, "default_factory", lambda name=field.name: defaults[name])

    after, labels_after = answer()
    np.testing.assert_array_equal(after, probabilities)
    assert labels_after == labels
    # Where every film was Normal, no other threshold could have changed a label.
    assert set(labels) - {"Normal"}
