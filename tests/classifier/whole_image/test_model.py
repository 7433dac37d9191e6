from pathlib import Path

import pytest
import torch
from torch import nn

from classifier.crops.config import CropClassifierConfig
from classifier.crops.model import load_crop_classifier, save_crop_classifier
from classifier.whole_image.config import Head, WholeImageConfig, WholeImageInput, WholeImageModel
from classifier.whole_image.model import (
    build_whole_image_classifier,
    load_whole_image_classifier,
    save_whole_image_classifier,
    set_whole_image_mode,
)
from classifier.whole_image.questions import SINGLE
from formats.errors import InputError
from training.networks.backbones import BatchNorm, blocks_of


def test_the_plain_head_is_linear_in_the_features() -> None:
    head = build_whole_image_classifier(WholeImageModel(head=Head.plain), 3).head.eval()
    first, second = torch.rand(2, 4, 1280)

    sum_of_both = head(first) + head(second) - head(torch.zeros(4, 1280))
    torch.testing.assert_close(head(first + second), sum_of_both)


def test_the_narrow_head_normalises_over_the_batch_and_passes_ten_numbers() -> None:
    config = WholeImageModel(head=Head.narrow, dropout=0.0)
    head = build_whole_image_classifier(config, 20).head.train()
    features = torch.rand(64, 1280)

    logits = head(features)
    torch.testing.assert_close(head(5 * features + 1), logits, rtol=1e-3, atol=1e-3)
    # Of 20 logits, all that ten numbers and a bias can tell apart.
    assert torch.linalg.matrix_rank(logits - logits.mean(dim=0), rtol=1e-4) <= 10


@pytest.mark.parametrize("head", Head)
def test_dropout_is_the_heads(head: Head) -> None:
    def spread(dropout: float) -> float:
        model = build_whole_image_classifier(WholeImageModel(head=head, dropout=dropout), 3)
        torch.manual_seed(0)
        features = torch.rand(8, 1280)
        return (model.head.train()(features) - model.head(features)).abs().max().item()

    assert spread(0.0) == 0
    assert spread(0.5) > 0


@pytest.mark.parametrize("architecture", ["efficientnet_b0", "shufflenet_v2_x1_0", "resnet18"])
def test_logits_have_one_column_a_class_at_any_size(architecture: str) -> None:
    model = build_whole_image_classifier(WholeImageModel(architecture=architecture), 3).eval()

    assert model(torch.rand(2, 3, 96, 64)).shape == (2, 3)


@pytest.mark.parametrize(
    ("epoch", "unfrozen_blocks", "learning"),
    [(0, 3, []), (4, 3, []), (5, 3, [5, 6, 7]), (5, 0, []), (5, 99, list(range(8)))],
)
def test_the_last_blocks_learn_after_the_frozen_epochs(
    epoch: int, unfrozen_blocks: int, learning: list[int]
) -> None:
    config = WholeImageModel(frozen_epochs=5, unfrozen_blocks=unfrozen_blocks)
    model = build_whole_image_classifier(config, 3)
    set_whole_image_mode(model, config, epoch)

    for index, block in enumerate(blocks_of(model.body, config.architecture)):
        norms = [module for module in block if isinstance(module, nn.BatchNorm2d)]
        assert norms
        assert all(norm.training == (index in learning) for norm in norms)
        assert all(p.requires_grad == (index in learning) for m in block for p in m.parameters())
    assert model.head.training
    assert all(p.requires_grad for p in model.head.parameters())


def test_fixed_statistics_stay_while_their_block_learns() -> None:
    config = WholeImageModel(frozen_epochs=0, batch_norm=BatchNorm.fixed)
    model = build_whole_image_classifier(config, 3)
    set_whole_image_mode(model, config, epoch=0)
    norms = [m for m in model.body.modules() if isinstance(m, nn.BatchNorm2d)]

    assert norms
    assert not any(norm.training for norm in norms)
    assert all(p.requires_grad for p in norms[-1].parameters())


def test_checkpoint_round_trip_keeps_logits_size_and_classes(tmp_path: Path) -> None:
    config = WholeImageConfig(input=WholeImageInput(height_px=96, width_px=64))
    model = build_whole_image_classifier(config.model, 3).eval()
    path = tmp_path / "w.safetensors"
    save_whole_image_classifier(model, config, SINGLE, path, {}, {"mean_auc": 0.75})
    loaded, loaded_config, checkpoint = load_whole_image_classifier(path)
    images = torch.rand(2, 3, 96, 64)

    assert loaded_config == config
    assert checkpoint.class_names == ["Normal", "Benign", "Cancer"]
    assert torch.equal(loaded(images), model(images))


def test_a_checkpoint_needs_no_file_that_the_network_started_from(tmp_path: Path) -> None:
    config = WholeImageConfig()
    config.model.initial_checkpoint = str(tmp_path / "gone.safetensors")
    model = build_whole_image_classifier(WholeImageModel(), 3)
    save_whole_image_classifier(model, config, SINGLE, tmp_path / "w.safetensors", {}, {})

    loaded, _, _ = load_whole_image_classifier(tmp_path / "w.safetensors")

    assert torch.equal(loaded.head[1].weight, model.head[1].weight)


def test_crop_and_whole_image_checkpoints_are_told_apart(tmp_path: Path) -> None:
    whole_image = WholeImageConfig()
    model = build_whole_image_classifier(whole_image.model, 3)
    save_whole_image_classifier(model, whole_image, SINGLE, tmp_path / "w.safetensors", {}, {})
    save_crop_classifier(model, CropClassifierConfig(), tmp_path / "c.safetensors", {}, {})

    with pytest.raises(InputError, match="this is a whole-image classifier; give a classifier"):
        load_crop_classifier(tmp_path / "w.safetensors")
    with pytest.raises(InputError, match="this is a classifier; give a whole-image classifier"):
        load_whole_image_classifier(tmp_path / "c.safetensors")
