import csv
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from backbone_families import FAMILIES, unmoved_by_steps
from torch import nn

from classifier.whole_image.config import (
    Balance,
    WholeImageConfig,
    WholeImageInput,
    WholeImageTaskName,
)
from classifier.whole_image.model import load_whole_image_classifier
from classifier.whole_image.questions import FIRST, SINGLE
from classifier.whole_image.training_task import (
    WholeImageTask,
    read_datasets,
    train_whole_image,
    with_input_size,
)
from formats.errors import InputError
from training.saving.checkpoint import Checkpoint
from training.saving.run_folder import STATE_FOLDER
from training.saving.saved_training import NAME


def checkpoint(path: Path) -> Checkpoint:
    return load_whole_image_classifier(path)[2]


def test_single_network_learns_three_classes(
    stripe_config: WholeImageConfig, tmp_path: Path
) -> None:
    stripe_config.optimisation.epochs = 12
    trained = train_whole_image(stripe_config, tmp_path, "cpu", resume=False)

    assert list(trained) == [tmp_path / "best.safetensors"]
    assert trained[tmp_path / "best.safetensors"].best_value > 0.9
    with (tmp_path / "log.csv").open() as stream:
        losses = [float(row["train/cross_entropy"]) for row in csv.DictReader(stream)]
    assert min(losses) < losses[0] / 2
    assert checkpoint(tmp_path / "best.safetensors").data["train_views_Benign"] == "6"


@pytest.mark.parametrize("architecture", FAMILIES)
def test_training_steps_of_each_family_move_every_weight(
    architecture: str, stripe_config: WholeImageConfig
) -> None:
    torch.manual_seed(0)
    stripe_config.model.architecture = architecture
    stripe_config.model.unfrozen_blocks = 99

    assert not unmoved_by_steps(WholeImageTask(SINGLE, stripe_config, torch.device("cpu")))


def test_a_training_of_either_network_is_not_started_over(
    stripe_config: WholeImageConfig, tmp_path: Path
) -> None:
    config = replace(stripe_config, task=WholeImageTaskName.whole_image_hierarchical)
    state = tmp_path / "second" / STATE_FOLDER
    state.mkdir(parents=True)
    (state / NAME.format(epoch=1, step=0)).touch()

    with pytest.raises(InputError, match=r"second: holds an earlier training"):
        train_whole_image(config, tmp_path, "cpu", resume=False)
    assert not (tmp_path / "first").exists()


def test_hierarchy_trains_both_networks_and_goes_on_with_the_second(
    stripe_config: WholeImageConfig, tmp_path: Path
) -> None:
    config = replace(stripe_config, task=WholeImageTaskName.whole_image_hierarchical)
    first, second = train_whole_image(config, tmp_path, "cpu", resume=False)

    assert [p.parent.name for p in (first, second)] == ["first", "second"]
    assert checkpoint(first).class_names == ["Normal", "Tumour"]
    assert checkpoint(second).class_names == ["Benign", "Cancer"]
    assert checkpoint(first).data["train_views_Tumour"] == "12"
    assert checkpoint(second).data["train_views_Benign"] == "6"

    first_bytes = first.read_bytes()
    shutil.rmtree(second.parent)
    train_whole_image(config, tmp_path, "cpu", resume=True)
    assert second.exists()
    assert first.read_bytes() == first_bytes


def test_mean_size_of_the_films_is_chosen_and_stored(
    stripe_config: WholeImageConfig, tmp_path: Path
) -> None:
    sized = with_input_size(replace(stripe_config, input=WholeImageInput()))

    assert sized.input == WholeImageInput(height_px=96, width_px=80)
    assert with_input_size(stripe_config) is stripe_config


def test_normal_views_are_thinned_in_training_only(stripe_config: WholeImageConfig) -> None:
    stripe_config.data.balance = Balance.thinned
    train, val = read_datasets(SINGLE, stripe_config)

    assert [sum(v.class_index == i for v in train.views) for i in range(3)] == [2, 6, 6]
    assert [sum(v.class_index == i for v in val.views) for i in range(3)] == [6, 6, 6]


@pytest.mark.parametrize(
    ("balance", "expected"),
    # Twelve tumours and six normal views: the certain error is on a normal one.
    [(Balance.none, 20 / 2), (Balance.weighted, (4 / 3) * 20 / (4 / 3 + 2 / 3))],
)
def test_a_rare_class_counts_more_where_classes_are_weighted(
    stripe_config: WholeImageConfig, balance: Balance, expected: float
) -> None:
    stripe_config.data.balance = balance
    task = WholeImageTask(FIRST, stripe_config, torch.device("cpu"))
    logits = torch.tensor([[-10.0, 10], [-10, 10]])
    losses = task.losses(nn.Identity(), (logits, torch.tensor([0, 1])))

    assert losses["cross_entropy"].item() == pytest.approx(expected, abs=1e-3)


def test_missing_path_is_named(stripe_config: WholeImageConfig, tmp_path: Path) -> None:
    stripe_config.data.image_root = ""

    with pytest.raises(InputError, match=r"data\.image_root is not set"):
        train_whole_image(stripe_config, tmp_path, "cpu", resume=False)
    assert not list(tmp_path.iterdir())
