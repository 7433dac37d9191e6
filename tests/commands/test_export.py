from functools import partial
from pathlib import Path

import pytest

from classifier.crops.config import CropClassifierConfig
from classifier.crops.model import save_crop_classifier
from classifier.model import build_classifier
from commands.command_line import run_command
from detector.config import DetectorConfig, DetectorInput
from detector.model import build_detector, save_detector
from formats import extras

main = partial(run_command, "export")
FILM = Path(__file__).parents[2] / "examples" / "benign_mass.png"


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    detector, classifier = tmp_path / "d.safetensors", tmp_path / "c.safetensors"
    config = DetectorConfig(input=DetectorInput(side_px=64))
    save_detector(build_detector(config), config, detector, {}, {})
    crops = CropClassifierConfig()
    crops.input.side_px = 64
    save_crop_classifier(build_classifier(crops.model, 2), crops, classifier, {}, {})
    return ["--detector", str(detector), "--classifier", str(classifier)]


def test_the_files_paths_are_printed(
    pair: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "onnx"

    assert main([*pair, "--output-dir", str(output)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        str(output / "detector.onnx"),
        str(output / "classifier.onnx"),
    ]
    assert all(path.stat().st_size > 0 for path in output.iterdir())


def test_networks_of_another_pair_are_not_left_beside(
    pair: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "onnx"
    output.mkdir()
    (output / "detector_2.onnx").write_bytes(b"of two")

    assert main([*pair, "--output-dir", str(output)]) == 1
    assert "detector_2.onnx: is of another export" in capsys.readouterr().err
    assert [path.name for path in output.iterdir()] == ["detector_2.onnx"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("export", ["--output-dir", "onnx"]),
        ("infer", [str(FILM), "--engine", "onnx"]),
        ("predict", ["--coco", "c", "--image-root", "i", "--output", "o", "--engine", "onnx"]),
    ],
)
def test_without_the_extra_one_line_says_how_to_install_it(
    command: str,
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c").write_text('{"images": [], "annotations": [], "categories": []}')
    monkeypatch.setattr(extras, "find_spec", lambda name: None)

    assert run_command(command, words) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: onnx and onnxruntime: not installed; `pip install")
