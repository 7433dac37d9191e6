import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import pipeline
from formats.errors import InputError
from pipeline import load

ROOT = Path(__file__).parents[2]


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import pipeline, sys; assert not {'torch', 'numpy', 'cv2'} & set(sys.modules)"

    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_nothing_has_to_be_given() -> None:
    assert pipeline.__all__ == ["load"]
    parameters = inspect.signature(load).parameters.values()
    assert all(parameter.default is not parameter.empty for parameter in parameters)
    assert [p.name for p in parameters][:4] == [
        "detector",
        "classifier",
        "device",
        "operating_point",
    ]


@pytest.mark.parametrize("as_text", [False, True])
def test_checkpoints_of_ones_own_are_used(
    random_checkpoints: tuple[Path, Path], as_text: bool
) -> None:
    given = [str(path) for path in random_checkpoints] if as_text else list(random_checkpoints)

    # Read, and found to lack operating points: the embedded ones have them.
    with pytest.raises(InputError, match="no operating points"):
        load(*given, device="cpu")


def test_an_engine_that_there_is_not_is_named_beside_those_that_are() -> None:
    with pytest.raises(InputError, match="no engine is called 'trt'; there are torch and onnx"):
        load(device="cpu", engine="trt")


def test_an_exported_network_is_no_checkpoint_but_has_one(tmp_path: Path) -> None:
    path = tmp_path / "detector.onnx"
    path.write_bytes(b"\x08\x08\x12\x07pytorch and so on")

    with pytest.raises(InputError, match=r"give the \.safetensors file that it was exported from"):
        load(detector=path, device="cpu", engine="onnx")


def test_a_point_that_the_checkpoints_lack_is_named_beside_theirs() -> None:
    with pytest.raises(InputError, match=r"'certain' is not in the checkpoint's.*'balanced'"):
        load(device="cpu", operating_point="certain")
