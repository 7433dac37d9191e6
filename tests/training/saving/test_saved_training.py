import logging
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from formats.errors import InputError
from training.saving.saved_training import (
    SavedTraining,
    holds_training,
    read_newest_training,
    save_training,
)


@pytest.fixture
def saved() -> SavedTraining:
    return SavedTraining(
        values={"progress": {"best_value": float("-inf")}, "groups": [{"betas": [0.9, 0.999]}]},
        model={"layer.weight": torch.rand(2, 3)},
        averaged={"n_averaged": torch.tensor(3)},
        optimizer={"0.step": torch.tensor(3.0), "0.exp_avg": torch.rand(2, 3)},
        random={"0.cpu": torch.get_rng_state()},
    )


def save(saved: SavedTraining, folder: Path, *positions: tuple[int, int]) -> None:
    for epoch, step in positions:
        save_training(replace(saved, values={"at": [epoch, step]}), folder, epoch, step)


def test_round_trip_keeps_everything(saved: SavedTraining, tmp_path: Path) -> None:
    save_training(saved, tmp_path, 1, 0)
    loaded = read_newest_training(tmp_path)

    assert loaded.values == saved.values
    for part in ("model", "averaged", "optimizer", "random"):
        ours, theirs = getattr(saved, part), getattr(loaded, part)
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_the_newest_two_are_kept_and_nothing_else(saved: SavedTraining, tmp_path: Path) -> None:
    save(saved, tmp_path, (0, 7))
    (tmp_path / "epoch-00001-step-0000000.safetensors.partial").touch()
    save(saved, tmp_path, (1, 0), (2, 0), (2, 10))

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "epoch-00002-step-0000000.safetensors",
        "epoch-00002-step-0000010.safetensors",
    ]
    assert read_newest_training(tmp_path).values == {"at": [2, 10]}


@pytest.mark.parametrize("kept_bytes", [0, 5, 300, -1])
def test_of_a_damaged_newest_one_the_one_before_is_taken_and_said(
    saved: SavedTraining, tmp_path: Path, caplog: pytest.LogCaptureFixture, kept_bytes: int
) -> None:
    save(saved, tmp_path, (1, 0), (2, 0))
    newest = tmp_path / "epoch-00002-step-0000000.safetensors"
    newest.write_bytes(newest.read_bytes()[:kept_bytes])
    with caplog.at_level(logging.WARNING):
        assert read_newest_training(tmp_path).values == {"at": [1, 0]}

    assert "epoch-00002" in caplog.text
    assert "going on from the state before it" in caplog.text


def test_a_changed_value_or_weight_is_damage(saved: SavedTraining, tmp_path: Path) -> None:
    save(saved, tmp_path, (12, 0))
    path = tmp_path / "epoch-00012-step-0000000.safetensors"
    whole = path.read_bytes()
    for damaged in (whole.replace(b"[12, 0]", b"[99, 0]"), whole[:-1] + bytes([whole[-1] ^ 1])):
        assert damaged != whole
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"epoch-00012.*damaged.*start again"):
            read_newest_training(tmp_path)


def test_where_no_state_is_none_is_seen(tmp_path: Path) -> None:
    assert not holds_training(tmp_path / "none")
    assert not holds_training(tmp_path)
    with pytest.raises(InputError, match="holds no state"):
        read_newest_training(tmp_path)
