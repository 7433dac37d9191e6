import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from formats.errors import InputError
from training.saving.checkpoint import (
    SCHEMA_VERSION,
    Checkpoint,
    load_checkpoint,
    save_checkpoint,
)
from training.saving.stored_weights import StoredDtype


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
    checkpoint.config["optimisation"] = {"cache_dir": "/home/me/cache", "epochs": 2}
    save_checkpoint(checkpoint, tmp_path / "a.safetensors")

    assert load_checkpoint(tmp_path / "a.safetensors", "detector").config == {
        "input": {"side_px": 64},
        "optimisation": {"cache_dir": "cache", "epochs": 2},
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


def test_a_flipped_bit_anywhere_is_found_or_changes_nothing(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    path = tmp_path / "a.safetensors"
    save_checkpoint(checkpoint, path)
    whole = path.read_bytes()
    unnoticed = []
    for position in range(len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[position] ^= 1 << bit
            path.write_bytes(damaged)
            try:
                loaded = load_checkpoint(path, "detector")
            except InputError:
                continue
            unnoticed.append(position)
            assert {**vars(loaded), "state": None} == {**vars(checkpoint), "state": None}
            assert all(torch.equal(loaded.state[k], v) for k, v in checkpoint.state.items())
    # The key of the description's hash, spaces between values.
    assert len(unnoticed) < 200


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        (r"\"balanced\": 0.5", r"\"balanced\": 0.1"),
        (r"\"temperature\": 1.5", r"\"temperature\": 9.5"),
    ],
    ids=["operating point", "temperature"],
)
def test_a_description_changed_by_hand_is_refused(
    checkpoint: Checkpoint, tmp_path: Path, written: str, changed: str
) -> None:
    path = tmp_path / "a.safetensors"
    save_checkpoint(checkpoint, path)
    content = path.read_bytes()
    assert written.encode() in content
    path.write_bytes(content.replace(written.encode(), changed.encode()))

    with pytest.raises(InputError, match=r"a\.safetensors: the description is damaged"):
        load_checkpoint(path, "detector")


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Write a checkpoint again as programs did that knew no hash of the description."""
    with safe_open(path, "pt") as stream:
        description = json.loads(stream.metadata()["description"])
        state = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118
    del description["description_sha256"]
    change(description)
    save_file(state, path, metadata={"description": json.dumps(description)})


def test_a_file_without_the_descriptions_hash_is_read(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    path = tmp_path / "a.safetensors"
    save_checkpoint(checkpoint, path)
    rewrite(path, lambda description: None)

    assert load_checkpoint(path, "detector").operating_points == {"balanced": 0.5}


@pytest.mark.parametrize(
    "change",
    [
        {"config": None},
        {"class_names": 3},
        {"operating_points": {"balanced": "high"}},
        {"operating_points": []},
        {"operating_curve": [[0.5, 0.6]]},
        {"operating_curve": [["high", 0.6, 1.0]]},
        {"temperature": None},
        {"stored_dtype": "float8"},
        {"box_conventions": {"tight": 3}},
        {"schema_version": [1]},
        {"kind": {}},
    ],
    ids=str,
)
def test_a_description_of_other_kinds_of_values_is_refused(
    checkpoint: Checkpoint, tmp_path: Path, change: dict[str, Any]
) -> None:
    path = tmp_path / "a.safetensors"
    save_checkpoint(checkpoint, path)
    rewrite(path, lambda description: description.update(change))

    with pytest.raises(InputError, match=r"a\.safetensors"):
        load_checkpoint(path, "detector")


def test_a_description_that_lacks_something_is_refused(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    path = tmp_path / "a.safetensors"
    save_checkpoint(checkpoint, path)
    rewrite(path, lambda description: description.pop("operating_points"))

    with pytest.raises(InputError, match=r"a\.safetensors.*operating_points"):
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


def test_a_trainings_folder_is_told_from_a_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"this is a folder; name a checkpoint in it"):
        load_checkpoint(tmp_path, "detector")


def test_a_newer_version_is_refused(checkpoint: Checkpoint, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_checkpoint(checkpoint, path)
    rewrite(path, lambda description: description.update(schema_version=SCHEMA_VERSION + 1))

    with pytest.raises(
        InputError, match=rf"a\.safetensors: checkpoint version {SCHEMA_VERSION + 1}"
    ):
        load_checkpoint(path, "detector")


@pytest.mark.parametrize("description", ["", "[]", "{}", '{"kind": "detector"}'], ids=str)
def test_another_projects_description_is_refused(description: str, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file({"weight": torch.zeros(1)}, path, metadata={"description": description})

    with pytest.raises(InputError, match="without this project's description"):
        load_checkpoint(path, "detector")


def test_half_the_size_loads_as_float32_with_a_hash_that_holds(tmp_path: Path) -> None:
    whole = Checkpoint(
        kind="detector",
        config={},
        class_names=["Tumour"],
        state={
            "weight": torch.rand(64, 64),
            "bias": torch.rand(64),
            "variance": torch.tensor([1e6, 1e-9]),
            "steps": torch.tensor(7),
        },
    )
    half = replace(whole, stored_dtype=StoredDtype.float16)
    for name, checkpoint in {"whole": whole, "half": half}.items():
        save_checkpoint(checkpoint, tmp_path / name)
    loaded = load_checkpoint(tmp_path / "half", "detector")

    assert (tmp_path / "half").stat().st_size < 0.6 * (tmp_path / "whole").stat().st_size
    assert {tensor.dtype for tensor in loaded.state.values()} == {torch.float32, torch.int64}
    assert torch.equal(loaded.state["weight"], whole.state["weight"].half().float())
    assert torch.equal(loaded.state["bias"], whole.state["bias"])
    assert torch.equal(loaded.state["variance"], whole.state["variance"])
    # What a classifier is calibrated with is known by the weights that are really used.
    assert loaded.weights_sha256 == half.weights_sha256 != whole.weights_sha256
    save_checkpoint(loaded, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "half").read_bytes()


def test_a_weight_beyond_half_precision_is_refused(checkpoint: Checkpoint, tmp_path: Path) -> None:
    state = {"weight": torch.full((2, 2), 1e6)}
    with pytest.raises(InputError, match="'weight' is beyond float16"):
        save_checkpoint(
            replace(checkpoint, state=state, stored_dtype=StoredDtype.float16), tmp_path / "half"
        )
    assert not list(tmp_path.iterdir())
