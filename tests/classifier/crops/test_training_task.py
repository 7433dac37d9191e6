from pathlib import Path

import numpy as np
import pytest
import torch
from backbone_families import FAMILIES, unmoved_by_steps
from blobs import BlobData
from torch import nn

from classifier.crops.config import CropClassifierConfig
from classifier.crops.dataset import CropDataset, lesion_examples
from classifier.crops.model import load_crop_classifier
from classifier.crops.predictor import CropClassifierPredictor
from classifier.crops.training_task import CropTask, class_weights, train_crop_classifier
from formats.film_reading.reader import read_grey
from formats.geometry.boxes import xywh_to_xyxy
from formats.labels import LESION_LABELS
from training.examples.film_cache import FilmCache
from training.networks.backbones import BatchNorm


def blob_config(blob_data: BlobData) -> CropClassifierConfig:
    config = CropClassifierConfig()
    config.data.train_coco = config.data.val_coco = str(blob_data.coco_path)
    config.data.allow_leak = True
    config.data.image_root = str(blob_data.root)
    config.input.side_px = 64
    config.model.architecture = "shufflenet_v2_x1_0"
    config.augmentation.rotation_degrees = 10
    config.optimisation.epochs = config.optimisation.patience_epochs = 40
    config.optimisation.batch_size = 4
    config.optimisation.learning_rate = 2e-3
    return config


def test_trained_classifier_names_blobs(blob_data: BlobData, tmp_path: Path) -> None:
    train_crop_classifier(blob_config(blob_data), tmp_path, "cpu", resume=False)
    predictor = CropClassifierPredictor.from_checkpoint(
        tmp_path / "last.safetensors", torch.device("cpu")
    )
    correct = []
    for annotation in blob_data.coco.annotations:
        film = read_grey(blob_data.root / f"film_{annotation['image_id']}.png")
        box = xywh_to_xyxy(np.array([annotation["bbox"]]))
        named = predictor.name(film, box)
        assert named.lesion.tolist() == [1.0]
        assert named.labels.sum() == pytest.approx(1)
        correct.append(named.labels[0].argmax() == annotation["category_id"] - 1)

    assert np.mean(correct) >= 0.75
    assert predictor.name(film, np.empty((0, 4))).labels.shape == (0, 2)


@pytest.mark.parametrize("architecture", FAMILIES)
def test_training_steps_of_each_family_move_every_weight(
    architecture: str, blob_data: BlobData
) -> None:
    torch.manual_seed(0)
    config = blob_config(blob_data)
    config.model.architecture = architecture

    assert not unmoved_by_steps(CropTask(config, torch.device("cpu")))


@pytest.mark.parametrize(
    ("label_smoothing", "truth", "expected"),
    # Certainty is punished only where labels are smoothed: a twentieth of them says otherwise.
    [(0.0, [0, 1], 20 / 2), (0.0, [1, 1], 0.0), (0.1, [1, 1], 0.05 * 20)],
)
def test_cross_entropy_by_hand(
    blob_data: BlobData, label_smoothing: float, truth: list[int], expected: float
) -> None:
    """Of two crops that are both called the second class for certain."""
    config = blob_config(blob_data)
    config.label_smoothing, config.class_weights = label_smoothing, False
    task = CropTask(config, torch.device("cpu"))
    batch = torch.tensor([[-10.0, 10], [-10, 10]]), torch.tensor(truth)

    losses = task.losses(nn.Identity(), batch)

    assert losses["cross_entropy"].item() == pytest.approx(expected, abs=1e-3)


def test_rare_class_weighs_more(blob_data: BlobData, film_cache: FilmCache) -> None:
    config = blob_config(blob_data)
    lesions = lesion_examples(blob_data.coco, [*LESION_LABELS])
    rare = [e for e in lesions if e.class_index == 0][:1]
    common = [e for e in lesions if e.class_index == 1][:3]

    crops = CropDataset(rare + common, blob_data.root, config.input, film_cache)
    weights = class_weights(crops, config)

    assert weights.tolist() == pytest.approx([1.5, 0.5])


@pytest.mark.parametrize("batch_norm", [BatchNorm.learned, BatchNorm.unfolded])
def test_only_unfolding_starts_from_the_statistics_of_the_crops(
    blob_data: BlobData, tmp_path: Path, batch_norm: BatchNorm
) -> None:
    config = blob_config(blob_data)
    config.model.batch_norm = batch_norm
    config.optimisation.epochs = 1
    # Steps too small to move a weight.
    config.optimisation.learning_rate = 1e-12
    train_crop_classifier(config, tmp_path, "cpu", resume=False)
    state = load_crop_classifier(tmp_path / "last.safetensors")[2].state

    # The untrained network's variances are far below 1, which is what they are set to at first.
    was_shown_the_data = bool(state["body.stage4.3.branch2.6.running_var"].max() < 0.5)
    assert was_shown_the_data == (batch_norm == BatchNorm.unfolded)
