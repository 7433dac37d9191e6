import os
import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from detector.detectron2_weights import read_weights
from formats.errors import InputError

WEIGHTS = {
    "conv.weight": np.arange(6, dtype=np.float32).reshape(1, 2, 3),
    "columns_first": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big_endian": np.array([1.0, 2.0], dtype=">f4"),
    "steps": np.array(7),
    "scalar": np.float32(0.5),
}
# {"conv1_w": array([1, 2], float32)} as Python 2 wrote it: protocol 2, byte strings throughout.
PYTHON_2_PICKLE = (
    b"\x80\x02}U\x07conv1_wcnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b"
    b"\x87R(K\x01K\x02\x85cnumpy\ndtype\nU\x02f4K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xff"
    b"J\xff\xff\xff\xffK\x00tb\x89U\x08\x00\x00\x80?\x00\x00\x00@tbs."
)


class Calls:
    """Pickles as a call."""

    def __init__(self, function: Callable, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable, tuple]:
        return self.call


def zoo_file(path: Path, content: Any, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    return path


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_zoo_file_of_any_protocol_gives_its_arrays(protocol: int, tmp_path: Path) -> None:
    content = {"model": OrderedDict(WEIGHTS), "__author__": "Detectron2 Model Zoo"}
    stored = read_weights(zoo_file(tmp_path / "model_final.pkl", content, protocol))

    assert not stored.names_are_partial
    assert stored.tensors.keys() == WEIGHTS.keys()
    for name, expected in WEIGHTS.items():
        assert stored.tensors[name].tolist() == expected.tolist()
    assert stored.tensors["conv.weight"].dtype == torch.float32
    assert stored.tensors["steps"].dtype == torch.int64


def test_names_of_converted_backbones_are_partial(tmp_path: Path) -> None:
    content = {"model": WEIGHTS, "__author__": "torchvision", "matching_heuristics": True}
    stored = read_weights(zoo_file(tmp_path / "R-50.pkl", content))

    assert stored.names_are_partial
    assert not stored.names_are_caffe2


def test_python_2_pickles_are_those_of_the_first_detectron(tmp_path: Path) -> None:
    path = tmp_path / "R-50.pkl"
    path.write_bytes(PYTHON_2_PICKLE)
    stored = read_weights(path)

    assert pickle.loads(PYTHON_2_PICKLE, encoding="latin1")["conv1_w"].tolist() == [1, 2]
    assert stored.tensors["conv1_w"].tolist() == [1, 2]
    assert stored.names_are_partial
    assert stored.names_are_caffe2


def test_blobs_are_taken_without_the_optimiser(tmp_path: Path) -> None:
    blobs = {"fc6_w": WEIGHTS["conv.weight"], "fc6_w_momentum": WEIGHTS["conv.weight"]}
    stored = read_weights(zoo_file(tmp_path / "model_final.pkl", {"blobs": blobs}))

    assert list(stored.tensors) == ["fc6_w"]


HOSTILE = {
    "system": Calls(os.system, "touch pwned"),
    "eval": Calls(eval, "open('pwned', 'w')"),
    "import": Calls(__import__, "antigravity"),
    "getattr": Calls(getattr, "text", "upper"),
    "array of objects": np.array([{}, None], dtype=object),
    "array of records": np.zeros(2, dtype=[("a", "f4"), ("b", "O")]),
    "array of raw bytes": np.zeros(2, dtype="V8"),
    "list": [1, 2, 3],
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_anything_but_arrays_of_numbers_is_refused_and_not_run(
    value: Any, protocol: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content = {"model": {"conv.weight": value}, "__author__": "Detectron2 Model Zoo"}
    path = zoo_file(tmp_path / "hostile.pkl", content, protocol)

    with pytest.raises(InputError, match=r"hostile\.pkl: refused"):
        read_weights(path)
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("name", ["dtype", "ndarray"])
def test_stand_ins_cannot_be_changed(name: str, tmp_path: Path) -> None:
    """`BUILD` on a class or function would set its attributes for every later reading."""
    state = pickle.dumps((None, {"__call__": 1, "to_array": 1}), protocol=2)[2:-1]
    path = tmp_path / "hostile.pkl"
    path.write_bytes(b"\x80\x02cnumpy\n" + name.encode() + b"\n" + state + b"b.")

    with pytest.raises(InputError, match="refused"):
        read_weights(path)
    assert read_weights(zoo_file(tmp_path / "good.pkl", {"conv_w": np.ones(2)})).tensors


def test_array_larger_than_its_bytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hostile.pkl"
    path.write_bytes(PYTHON_2_PICKLE.replace(b"K\x02\x85", b"M\xff\xff\x85"))

    with pytest.raises(InputError, match="refused"):
        read_weights(path)


@pytest.mark.parametrize("content", [b"", b"\x80\x04", PYTHON_2_PICKLE[:-20], b"K\x01.", b"\xff"])
def test_damaged_files_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "damaged.pkl"
    path.write_bytes(content)

    with pytest.raises(InputError, match=r"damaged\.pkl: refused"):
        read_weights(path)


def test_trainer_checkpoint_gives_its_model_and_runs_nothing(tmp_path: Path) -> None:
    weight = torch.ones(2)
    torch.save({"model": {"conv.weight": weight}, "iteration": 3}, tmp_path / "good.pth")
    torch.save({"model": {"conv.weight": Calls(os.system, "true")}}, tmp_path / "hostile.pth")

    assert read_weights(tmp_path / "good.pth").tensors["conv.weight"].tolist() == [1, 1]
    with pytest.raises(InputError, match=r"hostile\.pth: refused"):
        read_weights(tmp_path / "hostile.pth")


def test_safetensors_are_read(tmp_path: Path) -> None:
    save_file({"conv.weight": torch.ones(2)}, tmp_path / "a.safetensors")

    assert read_weights(tmp_path / "a.safetensors").tensors["conv.weight"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("name", "message"), [("gone.pkl", "cannot be read"), ("a.bin", "not a weights file")]
)
def test_missing_and_foreign_files_are_named(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read_weights(tmp_path / name)
