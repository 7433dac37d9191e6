from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import softmax

from classifier.config import BACKGROUND, LESION_CLASS_NAMES, ClassifierConfig
from classifier.model import build_classifier, save_classifier
from classifier.predictor import ClassifierPredictor

FILM = np.random.default_rng(0).integers(0, 4000, (300, 200)).astype(np.uint16)
BOXES = np.array([[20, 30, 80, 90], [100, 150, 190, 260.0]])


def predictor(folder: Path, class_names: list[str]) -> ClassifierPredictor:
    torch.manual_seed(0)
    config = ClassifierConfig()
    config.data.class_names = class_names
    config.input.side_px = 64
    model = build_classifier(config.model, len(class_names))
    save_classifier(model, config, folder / "c.safetensors", {}, {})
    return ClassifierPredictor.from_checkpoint(folder / "c.safetensors", torch.device("cpu"))


def test_a_classifier_of_two_classes_takes_every_box_for_a_lesion(tmp_path: Path) -> None:
    model = predictor(tmp_path, LESION_CLASS_NAMES)
    named = model.name(FILM, BOXES)

    assert not model.knows_background
    assert named.lesion.tolist() == [1, 1]
    np.testing.assert_allclose(named.labels, softmax(model.logits(FILM, BOXES), axis=1))


def test_background_takes_its_part_and_leaves_the_labels_to_sum_to_one(tmp_path: Path) -> None:
    model = predictor(tmp_path, [BACKGROUND, *LESION_CLASS_NAMES])
    named = model.name(FILM, BOXES)
    all_three = softmax(model.logits(FILM, BOXES), axis=1)

    assert model.knows_background
    np.testing.assert_allclose(named.lesion, all_three[:, 1:].sum(axis=1))
    np.testing.assert_allclose(named.labels * named.lesion[:, None], all_three[:, 1:])


def test_a_mirrored_film_gives_the_same_answer(tmp_path: Path) -> None:
    model = predictor(tmp_path, LESION_CLASS_NAMES)
    mirrored = BOXES.copy()
    mirrored[:, [0, 2]] = FILM.shape[1] - BOXES[:, [2, 0]]

    np.testing.assert_allclose(
        model.name(FILM, BOXES).labels, model.name(FILM[:, ::-1].copy(), mirrored).labels, atol=1e-3
    )


@pytest.mark.parametrize("names", [LESION_CLASS_NAMES, [BACKGROUND, *LESION_CLASS_NAMES]])
def test_no_boxes_are_no_error(tmp_path: Path, names: list[str]) -> None:
    named = predictor(tmp_path, names).name(FILM, np.empty((0, 4)))

    assert (named.lesion.shape, named.labels.shape) == ((0,), (0, 2))
