from functools import partial
from pathlib import Path

import pytest
from blobs import BlobData

from classifier.crops.config import BACKGROUND, CropClassifierConfig
from classifier.crops.model import save_crop_classifier
from classifier.model import build_classifier
from commands.command_line import run_command
from detector.config import DetectorConfig, DetectorInput
from detector.model import build_detector, save_detector
from formats.labels import LESION_LABELS
from formats.results import read_results

main = partial(run_command, "merge-detectors")


@pytest.fixture
def detectors(tmp_path: Path) -> list[str]:
    config = DetectorConfig(input=DetectorInput(side_px=64))
    paths = [tmp_path / "first.safetensors", tmp_path / "second.safetensors"]
    for path in paths:
        save_detector(build_detector(config), config, path, {}, {})
    return [str(path) for path in paths]


def test_a_merged_detector_is_calibrated_and_predicts_as_one(
    detectors: list[str], blob_data: BlobData, tmp_path: Path
) -> None:
    merged, finished = tmp_path / "merged.safetensors", tmp_path / "finished"
    config = CropClassifierConfig()
    config.data.class_names, config.input.side_px = [BACKGROUND, *LESION_LABELS], 64
    classifier = tmp_path / "classifier.safetensors"
    save_crop_classifier(build_classifier(config.model, 3), config, classifier, {}, {})
    data = ["--coco", str(blob_data.coco_path), "--image-root", str(blob_data.root)]
    pair = ["--detector", str(merged), "--classifier", str(classifier)]
    done = [
        *("--detector", str(finished / "detector.safetensors")),
        *("--classifier", str(finished / "classifier.safetensors")),
    ]
    results = tmp_path / "results.json"

    assert main([*detectors, "--output", str(merged)]) == 0
    assert (
        run_command(
            "calibrate", [*pair, *data, "--output-dir", str(finished), "--store-as", "float16"]
        )
        == 0
    )
    assert run_command("predict", [*done, *data, "--output", str(results)]) == 0

    assert [model.name for model in read_results(results).models] == [
        "detector.safetensors",
        "classifier.safetensors",
    ]


def test_a_file_that_is_no_detector_is_named(
    detectors: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text").write_text("no weights")

    assert main([*detectors, str(tmp_path / "text"), "--output", str(tmp_path / "merged")]) == 1
    assert f"{tmp_path / 'text'}: not a safetensors checkpoint" in capsys.readouterr().err
    assert not (tmp_path / "merged").exists()
