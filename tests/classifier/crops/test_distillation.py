from pathlib import Path

import pytest
import torch
from blobs import BlobData
from torch import nn

from classifier.config import ClassifierModel
from classifier.crops.config import CropClassifierConfig, CropInput
from classifier.crops.distillation import (
    DistilledClassifier,
    feature_distance,
    load_teacher,
)
from classifier.crops.model import load_crop_classifier, save_crop_classifier
from classifier.crops.training_task import CropTask, DistilledCropTask, train_crop_classifier
from classifier.model import build_classifier
from formats.errors import InputError

SIDE_PX = 64


def shufflenet() -> nn.Module:
    return build_classifier(ClassifierModel(architecture="shufflenet_v2_x1_0"), 2).eval()


def test_student_of_another_architecture_has_the_teachers_channels() -> None:
    student = build_classifier(ClassifierModel(), 2)
    network = DistilledClassifier(student, shufflenet(), SIDE_PX)
    crops = torch.rand(2, 3, SIDE_PX, SIDE_PX)
    logits, projected = network.eval()(crops)

    assert torch.allclose(logits, student(crops), atol=1e-5)
    assert projected.shape == (2, 464, 2, 2)
    assert network.student is student


def test_distance_is_nought_from_the_normalised_features_themselves() -> None:
    teacher = shufflenet()
    crops = torch.rand(2, 3, SIDE_PX, SIDE_PX)
    features = teacher.feature_map(crops).detach().movedim(1, -1)
    normalised = nn.functional.layer_norm(features, features.shape[-1:]).movedim(-1, 1)

    assert feature_distance(normalised, teacher, crops).item() == 0
    assert feature_distance(normalised + 2, teacher, crops).item() == pytest.approx(4)


def test_teacher_that_sees_other_crops_is_refused(tmp_path: Path) -> None:
    config = CropClassifierConfig()
    save_crop_classifier(
        build_classifier(config.model, 2), config, tmp_path / "t.safetensors", {}, {}
    )

    with pytest.raises(InputError, match="same input"):
        load_teacher(tmp_path / "t.safetensors", CropInput(side_px=96))


@pytest.fixture
def taught(blob_data: BlobData, tmp_path: Path) -> CropClassifierConfig:
    """A training on blobs with an untrained teacher."""
    config = CropClassifierConfig()
    config.data.train_coco = config.data.val_coco = str(blob_data.coco_path)
    config.data.allow_leak = True
    config.data.image_root = str(blob_data.root)
    config.input.side_px = SIDE_PX
    config.optimisation.epochs, config.optimisation.batch_size = 4, 4
    config.optimisation.learning_rate = 2e-3
    teacher_path = tmp_path / "teacher.safetensors"
    teacher_config = CropClassifierConfig(
        input=config.input, model=ClassifierModel(architecture="shufflenet_v2_x1_0")
    )
    save_crop_classifier(shufflenet(), teacher_config, teacher_path, {}, {})
    config.distillation.teacher = str(teacher_path)
    return config


def test_a_teachers_weight_scales_the_distance_and_not_the_cross_entropy(
    taught: CropClassifierConfig,
) -> None:
    device = torch.device("cpu")
    once = DistilledCropTask(CropTask(taught, device), taught, device)
    taught.distillation.weight = 1.5
    more = DistilledCropTask(CropTask(taught, device), taught, device)
    batch = torch.rand(2, 3, SIDE_PX, SIDE_PX), torch.tensor([0, 1])
    torch.manual_seed(0)
    losses = once.losses(once.model.eval(), batch)
    scaled = more.losses(once.model, batch)

    assert losses["feature_distance"].item() > 0
    assert scaled["feature_distance"].item() == pytest.approx(
        1.5 * losses["feature_distance"].item()
    )
    assert scaled["cross_entropy"].item() == losses["cross_entropy"].item()


def test_training_with_a_teacher_leaves_a_plain_classifier_that_comes_nearer_to_it(
    taught: CropClassifierConfig, tmp_path: Path
) -> None:
    train_crop_classifier(taught, tmp_path / "run", "cpu", resume=False)

    model = load_crop_classifier(tmp_path / "run" / "last.safetensors")[0]
    assert model(torch.rand(1, 3, SIDE_PX, SIDE_PX)).shape == (1, 2)
    lines = (tmp_path / "run" / "log.csv").read_text().splitlines()
    column = lines[0].split(",").index("train/feature_distance")
    first, last = (float(line.split(",")[column]) for line in (lines[1], lines[-1]))
    assert last < first
