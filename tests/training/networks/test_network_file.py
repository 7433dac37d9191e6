from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import torch
from torch import nn

from formats.errors import InputError
from training.networks.network_file import NetworkKind, fill_from_checkpoint
from training.saving.checkpoint import load_checkpoint, save_checkpoint


@dataclass(kw_only=True)
class LineModel:
    weights: str = "none"
    initial_checkpoint: str = ""
    width: int = 2


@dataclass
class LineConfig:
    model: LineModel = field(default_factory=LineModel)
    label_smoothing: float = 0.0


def build(config: LineConfig, class_names: Sequence[str]) -> nn.Module:
    if (config.model.weights, config.model.initial_checkpoint) != ("none", ""):
        raise InputError("asked for what is not there")
    width = config.model.width
    return nn.Sequential(nn.Linear(1, width), nn.Linear(width, len(class_names)))


LINE = NetworkKind(name="line", schema=LineConfig, build=build)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two classes of width 2; the file was trained from files that are gone."""
    started = LineModel(weights="/gone/body.safetensors", initial_checkpoint="/gone/first")
    path = tmp_path / "line.safetensors"
    model = build(LineConfig(), "ab")
    LINE.save(model, LineConfig(model=started), "ab", path, {"train": "x"}, {"auc": 0.5})
    return path


def test_what_was_saved_is_loaded_without_what_it_started_from(path: Path) -> None:
    model, config, checkpoint = LINE.load(path)

    assert not model.training
    assert config.model == LineModel()
    assert (checkpoint.class_names, checkpoint.data) == (["a", "b"], {"train": "x"})
    assert all(torch.equal(v, checkpoint.state[k]) for k, v in model.state_dict().items())


@pytest.mark.parametrize("change", ["missing", "superfluous", "shape"])
def test_weights_of_another_network_are_one_message_that_names_the_file(
    path: Path, change: str
) -> None:
    checkpoint = load_checkpoint(path, "line")
    state = dict(checkpoint.state)
    if change == "missing":
        del state["0.bias"]
    else:
        state["more" if change == "superfluous" else "0.bias"] = torch.zeros(5)
    save_checkpoint(replace(checkpoint, state=state), path)

    with pytest.raises(InputError, match=r"line\.safetensors: 1 tensors \(such as '(0\.bias|more)"):
        LINE.load(path)


def test_a_file_that_leaves_a_deciding_setting_to_the_code_is_refused(path: Path) -> None:
    checkpoint = load_checkpoint(path, "line")
    model = {k: v for k, v in checkpoint.config["model"].items() if k != "width"}
    save_checkpoint(replace(checkpoint, config={"model": model}), path)

    with pytest.raises(InputError, match=r"line\.safetensors: .*does not say model\.width"):
        LINE.load(path)


def test_a_setting_that_only_training_knows_may_be_missing(path: Path) -> None:
    checkpoint = load_checkpoint(path, "line")
    save_checkpoint(replace(checkpoint, config={"model": checkpoint.config["model"]}), path)

    assert LINE.load(path)[1].label_smoothing == 0


def test_other_classes_keep_their_own_layer_when_starting_from_a_file(path: Path) -> None:
    model = build(LineConfig(), "abc")
    own = model.state_dict()["1.weight"].clone()
    fill_from_checkpoint(model, load_checkpoint(path, "line"), path, "1.", {"model.width": 2})

    assert torch.equal(model.state_dict()["0.weight"], LINE.load(path)[0].state_dict()["0.weight"])
    assert torch.equal(model.state_dict()["1.weight"], own)


@pytest.mark.parametrize(
    ("width", "settings", "message"),
    [(3, {}, "another network"), (2, {"model.width": 4}, r"trained with model\.width=2, not 4")],
)
def test_starting_from_what_does_not_go_together_is_refused(
    path: Path, width: int, settings: dict[str, int], message: str
) -> None:
    model = build(LineConfig(model=LineModel(width=width)), "ab")

    with pytest.raises(InputError, match=rf"line\.safetensors.*{message}"):
        fill_from_checkpoint(model, load_checkpoint(path, "line"), path, "1.", settings)
