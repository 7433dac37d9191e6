import json
from pathlib import Path

import onnx
import pytest

from detector.merged import merge_detectors
from formats.errors import InputError
from formats.notice import NOTICE
from pipeline.exporting import export_pair
from pipeline.two_stage import DEFAULT_CLASSIFIER
from training.saving.checkpoint import (
    describe_checkpoint,
    hash_file,
    load_checkpoint,
    save_checkpoint,
)


def metadata(path: Path) -> dict[str, str]:
    return {entry.key: entry.value for entry in onnx.load(path).metadata_props}


@pytest.fixture(scope="module")
def merged_pair(
    random_checkpoints: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """A detector of two networks, and a classifier."""
    detector, classifier = random_checkpoints
    merged = tmp_path_factory.mktemp("merged") / "merged.safetensors"
    save_checkpoint(merge_detectors([detector, detector]), merged)
    return merged, classifier


@pytest.fixture(scope="module")
def exported(merged_pair: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "onnx"
    export_pair(*merged_pair, folder)
    return folder


def test_each_network_has_a_file(exported: Path) -> None:
    names = ["classifier.onnx", "detector_1.onnx", "detector_2.onnx"]

    assert sorted(path.name for path in exported.iterdir()) == names
    for name in names:
        onnx.checker.check_model(exported / name, full_check=True)


def test_a_detector_of_one_network_has_a_file_without_a_number(
    random_checkpoints: tuple[Path, Path], tmp_path: Path
) -> None:
    paths = export_pair(*random_checkpoints, tmp_path)

    assert paths == [tmp_path / "detector.onnx", tmp_path / "classifier.onnx"]
    assert json.loads(metadata(paths[0])["network"]) == {"number": 1, "count": 1}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("detector_1.onnx", "merged detector"),
        ("detector_2.onnx", "merged detector"),
        ("classifier.onnx", "classifier"),
    ],
)
def test_a_file_says_what_it_was_made_from(
    exported: Path, merged_pair: tuple[Path, Path], name: str, kind: str
) -> None:
    checkpoint_path = merged_pair[0] if "detector" in name else merged_pair[1]
    said = metadata(exported / name)

    assert said["notice"] == NOTICE
    assert json.loads(said["checkpoint"]) == {
        "file_name": checkpoint_path.name,
        "sha256": hash_file(checkpoint_path),
    }
    described = describe_checkpoint(load_checkpoint(checkpoint_path, kind))
    assert json.loads(said["description"]) == json.loads(json.dumps(described))


def test_a_detector_says_what_is_done_before_and_after(exported: Path) -> None:
    said = metadata(exported / "detector_2.onnx")
    before, after = (json.loads(said[f"{when}processing"]) for when in ("pre", "post"))
    model = onnx.load(exported / "detector_2.onnx")
    (taken,) = model.graph.input

    assert json.loads(said["network"]) == {"number": 2, "count": 2}
    assert taken.name == before["input"]
    sides = [axis.dim_value for axis in taken.type.tensor_type.shape.dim]
    assert sides == [before["channels"], before["side_px"], before["side_px"]] == [3, 128, 128]
    assert [given.name for given in model.graph.output] == after["outputs"]
    assert after["class_names"] == ["Tumour"]
    assert after["looks"]["mirrored"] is True


def test_a_classifier_says_what_is_done_before_and_after(exported: Path) -> None:
    said = metadata(exported / "classifier.onnx")
    before, after = (json.loads(said[f"{when}processing"]) for when in ("pre", "post"))

    assert (before["side_px"], before["margin"], before["zooms"]) == (64, 1.6, [0.8, 1.0, 1.25])
    assert after["class_names"] == ["Benign", "Cancer"]
    assert after["background"] is None
    assert after["temperature"] == 1.0


def test_what_is_no_pair_is_not_exported(
    random_checkpoints: tuple[Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="calibrated with another detector"):
        export_pair(random_checkpoints[0], DEFAULT_CLASSIFIER, tmp_path / "onnx")
    assert not (tmp_path / "onnx").exists()
