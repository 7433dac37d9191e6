"""Training states as this project wrote them until it had a format of its own."""

import os
import pickle
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch import nn

from formats.errors import InputError
from training.loop import parameter_groups
from training.progress import Progress
from training.saving.older_states import is_older_state, read_older_state
from training.saving.saved_training import holds_training, read_newest_training
from training.schedule import averaged_copy, warmup_cosine


class Trap:
    """What runs where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return os.mkdir, (self._path,)


@pytest.fixture
def model() -> nn.Linear:
    return nn.Linear(2, 2)


@pytest.fixture
def older(model: nn.Linear, tmp_path: Path) -> Path:
    """The folder that Accelerate writes of a training after one step."""
    accelerator = Accelerator(cpu=True)
    optimizer = torch.optim.AdamW(parameter_groups(model, 0.01), lr=0.1)
    averaged = averaged_copy(model, 0.9)
    prepared, optimizer = accelerator.prepare(model, optimizer)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, warmup_cosine(0, 8))
    progress = Progress(next_epoch=1, best_value=0.25, best_epoch=0, data_source={"train": "x"})
    accelerator.register_for_checkpointing(averaged, progress, schedule)
    accelerator.backward(prepared(torch.ones(4, 2)).sum())
    optimizer.step()
    schedule.step()
    averaged.update_parameters(model)
    set_seed(7)
    accelerator.save_state(str(tmp_path / "state"), safe_serialization=True)
    return tmp_path / "state"


def test_all_of_it_is_read(older: Path, model: nn.Linear) -> None:
    assert is_older_state(older)
    assert holds_training(older)
    saved = read_newest_training(older)

    assert torch.equal(saved.model["weight"], model.weight)
    assert saved.averaged["n_averaged"] == 1
    assert torch.equal(saved.optimizer["0.step"], torch.tensor(1.0))
    assert saved.optimizer["1.exp_avg"].shape == (2,)
    assert [group["weight_decay"] for group in saved.values["groups"]] == [0.01, 0.0]
    assert saved.values["schedule"]["last_epoch"] == 1
    assert saved.values["progress"]["data_source"] == {"train": "x"}
    torch.manual_seed(7)
    assert torch.equal(saved.random["0.cpu"], torch.get_rng_state())


@pytest.mark.parametrize(
    "name",
    ["optimizer.bin", "custom_checkpoint_1.pkl", "custom_checkpoint_2.pkl", "random_states_0.pkl"],
)
def test_nothing_in_it_is_run(older: Path, name: str, tmp_path: Path) -> None:
    trap = Trap(tmp_path / "sprung")
    torch.save({"x": trap}, older / name)
    with pytest.raises(InputError, match=r"state: damaged, or of another version"):
        read_older_state(older)
    (older / name).write_bytes(pickle.dumps(trap))
    with pytest.raises(InputError, match=r"state: damaged, or of another version"):
        read_older_state(older)

    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("kept_bytes", [0, 100])
def test_cut_short_it_is_one_message(older: Path, kept_bytes: int) -> None:
    for path in list(older.iterdir()):
        whole = path.read_bytes()
        path.write_bytes(whole[:kept_bytes])
        with pytest.raises(InputError, match=r"state: damaged, or of another version"):
            read_older_state(older)
        path.write_bytes(whole)
    read_older_state(older)
