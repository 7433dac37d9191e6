import json
from functools import partial
from pathlib import Path

import cv2
import pytest
import torch
from blobs import BlobData
from scipy.special import softmax
from sklearn.metrics import roc_auc_score

from classifier.crops.config import CropClassifierConfig
from classifier.crops.model import save_crop_classifier
from classifier.crops.predictor import CropClassifierPredictor
from classifier.model import build_classifier
from commands.command_line import run_command
from detector.config import DetectorConfig, DetectorData, DetectorInput
from detector.model import build_detector, save_detector
from evaluation.labels.reliability import reliability
from formats.results import read_results
from pipeline.fitting.lesion_logits import name_true_lesions
from pipeline.fitting.temperature import held_out_probabilities
from training.saving.checkpoint import load_checkpoint

main = partial(run_command, "calibrate")
predict = partial(run_command, "predict")


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    detector_config = DetectorConfig(input=DetectorInput(side_px=64))
    detector, classifier = (tmp_path / f"{name}.safetensors" for name in ("d", "c"))
    save_detector(build_detector(detector_config), detector_config, detector, {}, {})
    config = CropClassifierConfig()
    config.input.side_px = 64
    save_crop_classifier(build_classifier(config.model, 2), config, classifier, {}, {})
    return ["--detector", str(detector), "--classifier", str(classifier)]


def test_what_is_printed_is_what_the_finished_checkpoints_hold(
    pair: list[str], blob_data: BlobData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--coco", str(blob_data.coco_path), "--image-root", str(blob_data.root)]

    assert main([*pair, *data, "--output-dir", str(tmp_path / "out"), "--device", "cpu"]) == 0

    printed = json.loads(capsys.readouterr().out)
    detector = load_checkpoint(tmp_path / "out" / "detector.safetensors", "detector")
    classifier = load_checkpoint(tmp_path / "out" / "classifier.safetensors", "classifier")
    points = printed["operating_points"]
    assert detector.operating_points == {name: point["score"] for name, point in points.items()}
    assert classifier.temperature == printed["temperature"]
    said = name_true_lesions(
        CropClassifierPredictor.from_checkpoint(Path(pair[3]), torch.device("cpu")),
        blob_data.coco,
        blob_data.root,
    )
    for when, probabilities in {
        "before": softmax(said.logits, axis=1),
        "after": held_out_probabilities(said.logits, said.label, said.patient),
    }.items():
        error = reliability(probabilities[:, 1], said.label).expected_error
        assert printed["expected_calibration_error"][when] == pytest.approx(error, abs=1e-6)
    assert 0 < printed["expected_calibration_error"]["by_chance"] < 1
    assert printed["auc_cancer_on_true_boxes"] == pytest.approx(
        roc_auc_score(said.label, said.logits[:, 1] - said.logits[:, 0])
    )
    assert cv2.imread(str(tmp_path / "out" / "reliability.png")) is not None


def test_a_missing_image_stops_it_by_name_and_nothing_is_written(
    pair: list[str], blob_data: BlobData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--coco", str(blob_data.coco_path), "--image-root", str(tmp_path)]

    assert main([*pair, *data, "--output-dir", str(tmp_path / "out"), "--device", "cpu"]) == 1
    assert "film_1.png" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("option", ["--detector", "--classifier", "--coco"])
def test_a_missing_file_is_named_and_nothing_is_written(
    pair: list[str],
    blob_data: BlobData,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    option: str,
) -> None:
    data = ["--coco", str(blob_data.coco_path), "--image-root", str(blob_data.root)]
    output = ["--output-dir", str(tmp_path / "out"), "--device", "cpu"]

    # Of an option that stands twice, the last counts.
    assert main([*pair, *data, *output, option, str(tmp_path / "gone.file")]) == 1
    assert "gone.file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_detector_that_names_classes_comes_alone(
    blob_data: BlobData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = DetectorConfig(
        data=DetectorData(class_names=["Benign", "Cancer"]), input=DetectorInput(side_px=64)
    )
    save_detector(build_detector(config), config, tmp_path / "d.safetensors", {}, {})
    arguments = ["--detector", str(tmp_path / "d.safetensors"), "--coco", str(blob_data.coco_path)]
    output = ["--output-dir", str(tmp_path / "out"), "--device", "cpu"]

    assert main([*arguments, "--image-root", str(blob_data.root), *output]) == 0
    assert json.loads(capsys.readouterr().out).keys() == {"operating_points"}
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["detector.safetensors"]


def test_a_fitted_convention_is_printed_saved_and_applied_by_its_name(
    pair: list[str], blob_data: BlobData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--coco", str(blob_data.coco_path), "--image-root", str(blob_data.root)]
    output = ["--output-dir", str(tmp_path / "out"), "--device", "cpu"]

    assert main([*pair, *data, *output, "--fit-boxes", "blobs"]) == 0

    printed = json.loads(capsys.readouterr().out)
    finished = tmp_path / "out" / "detector.safetensors"
    assert load_checkpoint(finished, "detector").box_conventions == {"blobs": printed["convention"]}
    assert printed["pairs"] >= printed["patients"] > 0
    assert list((tmp_path / "out").iterdir()) == [finished]
    pair_out = tmp_path / "pair"
    done = ["--output-dir", str(pair_out), "--device", "cpu"]
    assert main([*pair, "--detector", str(finished), *data, *done]) == 0
    calibrated = ["--detector", str(pair_out / "detector.safetensors")]
    calibrated += ["--classifier", str(pair_out / "classifier.safetensors")]
    results = tmp_path / "results.json"
    named = [*calibrated, "--box-convention", "blobs", "--output", str(results)]
    assert predict([*data, *named, "--device", "cpu"]) == 0
    assert read_results(results).box_convention == "blobs"
    assert read_results(results).lowest_score == 0.01
    assert predict([*data, *named[:-3], "other", *named[-2:], "--device", "cpu"]) == 1
    assert "'other' is not in the detector's ['blobs']" in capsys.readouterr().err


@pytest.mark.parametrize(("dtype", "share"), [("float16", 0.6), ("int8", 0.4)])
def test_weights_of_fewer_bits_are_calibrated_as_they_come_out_of_the_files(
    dtype: str, share: float, pair: list[str], blob_data: BlobData, tmp_path: Path
) -> None:
    data = ["--coco", str(blob_data.coco_path), "--image-root", str(blob_data.root)]
    out = tmp_path / "small"
    store = ["--store-as", dtype, "--device", "cpu"]

    assert main([*pair, *data, "--output-dir", str(out), *store]) == 0

    for option, name in (("--detector", "detector"), ("--classifier", "classifier")):
        trained = Path(pair[pair.index(option) + 1])
        assert (out / f"{name}.safetensors").stat().st_size < share * trained.stat().st_size
    detector = load_checkpoint(out / "detector.safetensors", "detector")
    # The pair says that it belongs together, from what is loaded and not from what was trained.
    finished = ["--detector", str(out / "detector.safetensors")]
    finished += ["--classifier", str(out / "classifier.safetensors")]
    assert predict([*data, *finished, "--output", str(tmp_path / "r.json"), "--device", "cpu"]) == 0
    assert detector.stored_dtype == dtype


def test_boxes_as_found_get_a_name_that_results_say(
    pair: list[str], blob_data: BlobData, tmp_path: Path
) -> None:
    data = ["--coco", str(blob_data.coco_path), "--image-root", str(blob_data.root)]
    out, results = tmp_path / "named", tmp_path / "results.json"
    named = ["--name-boxes", "own", "--device", "cpu"]
    assert main([*pair, *data, "--output-dir", str(out), *named]) == 0

    finished = ["--detector", str(out / "detector.safetensors")]
    finished += ["--classifier", str(out / "classifier.safetensors")]
    assert predict([*data, *finished, "--output", str(results), "--device", "cpu"]) == 0
    assert read_results(results).box_convention == "own"


@pytest.mark.parametrize(
    "options",
    [
        ["--fit-boxes", ""],
        ["--name-boxes", ""],
        ["--fit-boxes", "blobs", "--store-as", "float16"],
        ["--fit-boxes", "blobs", "--name-boxes", "own"],
    ],
    ids=["no name", "no name of its own", "precision of a convention", "two names"],
)
def test_options_that_do_not_go_together_are_refused(
    pair: list[str], blob_data: BlobData, tmp_path: Path, options: list[str]
) -> None:
    data = ["--coco", str(blob_data.coco_path), "--image-root", str(blob_data.root)]

    with pytest.raises(SystemExit) as end:
        main([*pair, *data, "--output-dir", str(tmp_path / "out"), *options])

    assert end.value.code == 2


def test_a_trained_checkpoint_is_not_written_over(
    pair: list[str], blob_data: BlobData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--coco", str(blob_data.coco_path), "--image-root", str(blob_data.root)]
    finished = tmp_path / "detector.safetensors"
    Path(pair[1]).rename(finished)
    trained = finished.read_bytes()

    assert main(["--detector", str(finished), *pair[2:], *data, "--output-dir", str(tmp_path)]) == 1
    assert "detector.safetensors: is read and would be written over" in capsys.readouterr().err
    assert finished.read_bytes() == trained
