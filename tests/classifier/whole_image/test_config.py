from pathlib import Path

import pytest

from classifier.whole_image.config import (
    WholeImageConfig,
    WholeImageData,
    WholeImageInput,
    WholeImageModel,
    WholeImageTaskName,
)
from formats.errors import InputError
from training.config import load_config
from training.networks.backbones import BatchNorm

CONFIGS = sorted((Path(__file__).parents[3] / "configs").glob("whole_image_*.yaml"))


@pytest.mark.parametrize("sides_px", [(0, 384), (640, 0), (32, 384), (-1, -1)], ids=str)
def test_half_a_size_and_tiny_sizes_are_refused(sides_px: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="0 for both"):
        WholeImageInput(height_px=sides_px[0], width_px=sides_px[1])


def test_unfolding_is_refused_not_ignored() -> None:
    with pytest.raises(InputError, match=r"batch_norm is 'unfolded'"):
        WholeImageModel(batch_norm=BatchNorm.unfolded)


def test_negative_number_of_blocks_is_refused() -> None:
    with pytest.raises(InputError, match="unfrozen_blocks is -1"):
        WholeImageModel(unfrozen_blocks=-1)


def test_keeping_one_in_zero_is_refused() -> None:
    with pytest.raises(InputError, match="normal_kept_one_in is 0"):
        WholeImageData(normal_kept_one_in=0)


def test_narrow_head_needs_more_than_one_image_a_batch() -> None:
    path = CONFIGS[-1]

    with pytest.raises(InputError, match="batch_size is 1"):
        load_config(WholeImageConfig, path, ["optimisation.batch_size=1"])
    load_config(WholeImageConfig, path, ["optimisation.batch_size=1", "model.head=plain"])


def test_there_is_a_configuration_for_each_task() -> None:
    assert [path.stem for path in CONFIGS] == sorted(WholeImageTaskName)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_whole_image_configs_load(path: Path) -> None:
    config = load_config(WholeImageConfig, path, [])

    assert config.task.value == path.stem
    assert config.model.architecture == "efficientnet_b0"
