from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from formats.errors import InputError
from training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint


@pytest.fixture
def checkpoint() -> Checkpoint:
    return Checkpoint(
        kind="detector",
        config={"input": {"side_px": 64}},
        class_names=["Tumour"],
        state={"weight": torch.arange(6.0).reshape(2, 3), "steps": torch.tensor(7)},
        operating_points={"balanced": 0.5},
        temperature=1.5,
        data={"train_coco": "train.json"},
        metrics={"ap50": 0.25},
    )


def test_round_trip_keeps_everything(checkpoint: Checkpoint, tmp_path: Path) -> None:
    save_checkpoint(checkpoint, tmp_path / "a.safetensors")
    loaded = load_checkpoint(tmp_path / "a.safetensors", "detector")

    assert {**vars(loaded), "state": None} == {**vars(checkpoint), "state": None}
    assert torch.equal(loaded.state["weight"], checkpoint.state["weight"])
    assert torch.equal(loaded.state["steps"], checkpoint.state["steps"])


def test_folders_of_this_machine_stay_here(checkpoint: Checkpoint, tmp_path: Path) -> None:
    checkpoint.config["data"] = {"train_coco": "/home/me/train.json", "class_names": ["Tumour"]}
    checkpoint.config["model"] = {"weights": "/home/me/body.safetensors", "backbone": "resnet18"}
    save_checkpoint(checkpoint, tmp_path / "a.safetensors")

    assert load_checkpoint(tmp_path / "a.safetensors", "detector").config == {
        "input": {"side_px": 64},
        "data": {"train_coco": "train.json", "class_names": ["Tumour"]},
        "model": {"weights": "body.safetensors", "backbone": "resnet18"},
    }


def test_other_kind_is_refused(checkpoint: Checkpoint, tmp_path: Path) -> None:
    save_checkpoint(checkpoint, tmp_path / "a.safetensors")

    with pytest.raises(InputError, match=r"a\.safetensors: this is a detector; give a classifier"):
        load_checkpoint(tmp_path / "a.safetensors", "classifier")


def test_flipped_bit_in_a_weight_is_found(checkpoint: Checkpoint, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_checkpoint(checkpoint, path)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)

    with pytest.raises(InputError, match="damaged"):
        load_checkpoint(path, "detector")


def test_plain_weights_are_refused(tmp_path: Path) -> None:
    save_file({"weight": torch.zeros(1)}, tmp_path / "plain.safetensors")

    with pytest.raises(InputError, match="without this project's description"):
        load_checkpoint(tmp_path / "plain.safetensors", "detector")


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"\xff" * 64])
def test_other_files_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(content)

    with pytest.raises(InputError, match=r"other\.safetensors"):
        load_checkpoint(path, "detector")


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_checkpoint(tmp_path / "none.safetensors", "detector")
