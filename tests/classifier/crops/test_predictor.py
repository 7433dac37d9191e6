from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import softmax
from torch import Tensor, nn

from classifier.crops.config import BACKGROUND, CropClassifierConfig, CropLooks
from classifier.crops.model import save_crop_classifier
from classifier.crops.predictor import CropClassifierPredictor
from classifier.model import build_classifier
from formats.labels import LESION_LABELS
from training.saving.checkpoint import Checkpoint

FILM = np.random.default_rng(0).integers(0, 4000, (300, 200)).astype(np.uint16)
BOXES = np.array([[20, 30, 80, 90], [100, 150, 190, 260.0]])


def predictor(folder: Path, class_names: list[str]) -> CropClassifierPredictor:
    torch.manual_seed(0)
    config = CropClassifierConfig()
    config.data.class_names = class_names
    config.input.side_px = 64
    model = build_classifier(config.model, len(class_names))
    save_crop_classifier(model, config, folder / "c.safetensors", {}, {})
    return CropClassifierPredictor.from_checkpoint(folder / "c.safetensors", torch.device("cpu"))


def test_a_classifier_of_two_classes_takes_every_box_for_a_lesion(tmp_path: Path) -> None:
    model = predictor(tmp_path, [*LESION_LABELS])
    named = model.name(FILM, BOXES)

    assert not model.knows_background
    assert named.lesion.tolist() == [1, 1]
    np.testing.assert_allclose(named.labels, softmax(model.logits(FILM, BOXES), axis=1))


def test_background_takes_its_part_and_leaves_the_labels_to_sum_to_one(tmp_path: Path) -> None:
    model = predictor(tmp_path, [BACKGROUND, *LESION_LABELS])
    named = model.name(FILM, BOXES)
    all_three = softmax(model.logits(FILM, BOXES), axis=1)

    assert model.knows_background
    np.testing.assert_allclose(named.lesion, all_three[:, 1:].sum(axis=1))
    np.testing.assert_allclose(named.labels * named.lesion[:, None], all_three[:, 1:])


class LooksLeft(nn.Module):
    """Answers by the left half of a crop: an untrained network answers the same to every crop."""

    def forward(self, crops: Tensor) -> Tensor:
        left = crops[..., : crops.shape[-1] // 2].mean(dim=(1, 2, 3))
        return torch.stack([left, 3 * left.square()], dim=1)


def looking(
    temperature: float = 1.0, margin: float = 1.6, looks: CropLooks | None = None
) -> CropClassifierPredictor:
    config = CropClassifierConfig(looks=looks or CropLooks())
    config.input.margin = margin
    config.input.side_px = 64
    checkpoint = Checkpoint(
        kind="classifier",
        config={},
        class_names=[*LESION_LABELS],
        state={},
        temperature=temperature,
    )
    return CropClassifierPredictor(LooksLeft(), config, checkpoint, torch.device("cpu"))


def test_each_box_is_answered_by_what_it_shows() -> None:
    film = FILM // 8
    film[40:80, 30:50] = 4000
    shown, same, other = looking().logits(film, np.array([BOXES[0], BOXES[0], BOXES[1]]))

    np.testing.assert_array_equal(shown, same)
    assert np.abs(shown - other).max() > 0.01


def test_more_boxes_than_a_batch_holds_keep_their_order() -> None:
    boxes = np.tile(BOXES, (20, 1))

    np.testing.assert_allclose(
        looking().logits(FILM, boxes), np.tile(looking().logits(FILM, BOXES), (20, 1)), atol=1e-6
    )


def test_temperature_divides_the_logits() -> None:
    expected = softmax(looking().logits(FILM, BOXES) / 0.1, axis=1)

    np.testing.assert_allclose(looking(temperature=0.1).name(FILM, BOXES).labels, expected)
    assert np.abs(looking().name(FILM, BOXES).labels - expected).max() > 1e-3


def test_a_mirrored_film_gives_the_same_answer() -> None:
    model = looking()
    mirrored = BOXES.copy()
    mirrored[:, [0, 2]] = FILM.shape[1] - BOXES[:, [2, 0]]

    np.testing.assert_allclose(
        model.logits(FILM, BOXES), model.logits(FILM[:, ::-1].copy(), mirrored), atol=1e-5
    )


def test_a_mirror_image_is_left_out_where_the_checkpoint_says_so() -> None:
    once = looking(looks=CropLooks(mirrored=False)).logits(FILM, BOXES)
    mirrored = BOXES.copy()
    mirrored[:, [0, 2]] = FILM.shape[1] - BOXES[:, [2, 0]]
    film = FILM[:, ::-1].copy()
    other = looking(looks=CropLooks(mirrored=False)).logits(film, mirrored)

    assert np.abs(once - other).max() > 1e-3
    np.testing.assert_allclose(looking().logits(FILM, BOXES), (once + other) / 2, atol=1e-5)


def test_the_answer_is_the_mean_over_all_zooms() -> None:
    answer = looking(looks=CropLooks(zooms=[1.0, 1.5])).logits(FILM, BOXES)
    at_zoom = [looking(looks=CropLooks(zooms=[z])).logits(FILM, BOXES) for z in (1.0, 1.5)]

    np.testing.assert_allclose(answer, np.mean(at_zoom, axis=0), atol=1e-6)
    assert np.abs(at_zoom[0] - at_zoom[1]).max() > 1e-3


def test_no_zoom_cuts_the_lesion_off() -> None:
    near, nearer = (
        looking(margin=1.0, looks=CropLooks(zooms=[zoom])).logits(FILM, BOXES)
        for zoom in (1.0, 1.25)
    )

    np.testing.assert_allclose(near, nearer, atol=1e-6)


@pytest.mark.parametrize("names", [[*LESION_LABELS], [BACKGROUND, *LESION_LABELS]])
def test_no_boxes_are_no_error(tmp_path: Path, names: list[str]) -> None:
    named = predictor(tmp_path, names).name(FILM, np.empty((0, 4)))

    assert (named.lesion.shape, named.labels.shape) == ((0,), (0, 2))
