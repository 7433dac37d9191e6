"""The weight files of detectron2, read without running anything that is in them.

Its model zoo holds pickles, and a pickle may name any function to be called. Here only the few
names of a pickled array are known, and they stand for the classes below: numpy's own unpickling
trusts the sizes and kinds that a file claims, these check them.
"""

import pickle
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from formats.errors import InputError

ELEMENT_KINDS = re.compile("[fiu][1248]|b1")
# What reading a damaged or hostile pickle raises.
MALFORMED = (
    pickle.UnpicklingError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    MemoryError,
    OverflowError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, kw_only=True)
class StoredWeights:
    """The tensors of a file, under the file's own names."""

    tensors: dict[str, Tensor]
    names_are_partial: bool = False
    """Names are only the ends of the network's names."""
    names_are_caffe2: bool = False
    """Names are those of the first Detectron."""


def read_weights(path: Path) -> StoredWeights:
    """Read a .pkl of detectron2's or Detectron's zoo, a .pth of its trainer, or a .safetensors.

    Raises:
        InputError: the file is missing, of another kind, damaged, or holds anything but weights.
    """
    readers = {
        ".pkl": _read_pickle,
        ".pth": _read_torch,
        ".safetensors": lambda path: StoredWeights(tensors=load_file(path)),
    }
    reader = readers.get(path.suffix)
    if reader is None:
        raise InputError(f"{path}: not a weights file; give one of {sorted(readers)}")
    try:
        return reader(path)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); check model.weights"
        ) from error
    except (*MALFORMED, RuntimeError, SafetensorError) as error:
        raise InputError(
            f"{path}: refused, it holds more or less than weights ({error}); "
            "give a file of detectron2's model zoo or a safetensors file"
        ) from error


def _read_torch(path: Path) -> StoredWeights:
    loaded = torch.load(path, map_location="cpu", weights_only=True)
    return StoredWeights(tensors=_only_tensors(loaded.get("model", loaded)))


def _read_pickle(path: Path) -> StoredWeights:
    with path.open("rb") as stream:
        # Old files are of Python 2, whose byte strings these are.
        loaded = _WeightsUnpickler(stream, encoding="latin1").load()
    if "model" in loaded and "__author__" in loaded:
        return StoredWeights(
            tensors=_only_tensors(loaded["model"]),
            names_are_partial=bool(loaded.get("matching_heuristics", False)),
            names_are_caffe2=loaded["__author__"] == "Caffe2",
        )
    # Detectors have "blobs", backbones do not.
    blobs = loaded.get("blobs", loaded)
    weights = {name: blob for name, blob in blobs.items() if not name.endswith("_momentum")}
    return StoredWeights(
        tensors=_only_tensors(weights), names_are_partial=True, names_are_caffe2=True
    )


def _only_tensors(values: dict[str, Any]) -> dict[str, Tensor]:
    tensors = {}
    for name, value in values.items():
        if isinstance(value, _Array):
            value = torch.from_numpy(value.values)
        if not isinstance(value, Tensor):
            raise pickle.UnpicklingError(f"'{name}' is no array")
        tensors[name] = value
    return tensors


class _Dtype:
    """In place of `numpy.dtype`: plain numbers only."""

    def __init__(self, kind: str, *_align_and_copy: bool) -> None:
        if not ELEMENT_KINDS.fullmatch(kind):
            raise pickle.UnpicklingError(f"an array of '{kind}'")
        self._dtype = np.dtype(kind)

    def __setstate__(self, state: tuple) -> None:
        _version, byte_order, subarray, names, fields, *_sizes_and_flags = state
        if (subarray, names, fields) != (None, None, None):
            raise pickle.UnpicklingError("an array of records")
        self._dtype = self._dtype.newbyteorder(byte_order)

    def to_array(self, data: bytes | str, shape: tuple[int, ...], order: Any) -> np.ndarray:
        """Return a writable array in this machine's byte order."""
        if isinstance(data, str):
            data = data.encode("latin1")
        stored = np.frombuffer(data, self._dtype).reshape(shape, order=order)
        return np.array(stored, self._dtype.newbyteorder("="), order="C")


class _Array:
    """In place of `numpy.ndarray`, which is first made empty and then given its state."""

    def __init__(self, *_type_shape_and_kind: Any) -> None:
        self.values = np.empty(0)

    def __setstate__(self, state: tuple) -> None:
        _version, shape, dtype, columns_first, data = state
        self.values = dtype.to_array(data, shape, "F" if columns_first else "C")


class _BufferedArray(_Array):
    """In place of numpy's `_frombuffer`, which pickles of protocol 5 call."""

    def __init__(self, data: bytes, dtype: _Dtype, shape: tuple[int, ...], order: str) -> None:
        self.values = dtype.to_array(data, shape, order)


class _Scalar(_Array):
    """In place of numpy's `scalar`."""

    def __init__(self, dtype: _Dtype, data: bytes | str) -> None:
        self.values = dtype.to_array(data, (), "C")


class _WeightsUnpickler(pickle.Unpickler):
    # Classes, never functions: a pickle may set the attributes of a function that it is given.
    known = {  # noqa: RUF012
        ("collections", "OrderedDict"): dict,
        # How protocol 2 writes bytes; `bytes(text, encoding)` is the same.
        ("_codecs", "encode"): bytes,
        ("numpy", "dtype"): _Dtype,
        ("numpy", "ndarray"): _Array,
        ("numpy.core.multiarray", "_reconstruct"): _Array,
        ("numpy.core.multiarray", "scalar"): _Scalar,
        ("numpy.core.numeric", "_frombuffer"): _BufferedArray,
    }

    def find_class(self, module: str, name: str) -> Any:
        """Return the stand-in of the few known names."""
        # NumPy 2 renamed its inner package.
        known = self.known.get((module.replace("numpy._core", "numpy.core"), name))
        if known is None:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return known
