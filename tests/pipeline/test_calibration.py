from pathlib import Path

import numpy as np
import pytest
import torch
from blobs import BlobData

from formats.coco import CocoDataset
from formats.errors import InputError
from formats.results import Detection
from pipeline.calibration import (
    calibrate_checkpoints,
    calibrate_class_naming_checkpoint,
    fit_temperature,
    operating_point,
    split_scores,
)
from pipeline.class_naming import ClassNamingDetector
from pipeline.two_stage import TwoStage
from training.checkpoint import load_checkpoint

CPU = torch.device("cpu")


def detection(bbox_xyxy: tuple[float, float, float, float], score: float) -> Detection:
    return Detection(bbox_xyxy, score, "Benign", {"Benign": 1.0, "Cancer": 0.0})


def test_each_lesion_is_hit_once_and_by_the_best_box() -> None:
    boxes = [(0, 0, 10, 10), (0, 0, 10, 9), (50, 50, 60, 60), (20, 20, 30, 30)]
    found = [detection(box, score) for box, score in zip(boxes, [0.9, 0.8, 0.7, 0.6], strict=True)]
    lesions = np.array([[0, 0, 10, 10], [20, 20, 30, 31.0]])

    hits, false_positives = split_scores(found, lesions)

    assert hits.tolist() == [0.9, 0.6]
    assert false_positives.tolist() == [0.8, 0.7]


def test_without_lesions_every_box_is_false() -> None:
    hits, false_positives = split_scores([detection((0, 0, 9, 9), 0.4)], np.empty((0, 4)))

    assert (hits.tolist(), false_positives.tolist()) == ([], [0.4])


def test_operating_point_by_hand() -> None:
    hits = [np.array([0.9]), np.array([0.35]), np.array([0.5]), np.array([])]
    false_positives = [np.array([0.8]), np.array([0.4, 0.3]), np.array([0.2]), np.array([])]

    point = operating_point(hits, false_positives, lesion_count=5, false_positives_per_image=0.5)

    assert point.score == pytest.approx(0.3)
    assert point.score > 0.3
    assert point.sensitivity == pytest.approx(3 / 5)
    assert point.false_positives_per_image == 0.5


def test_few_false_positives_allow_every_score() -> None:
    point = operating_point([np.array([0.1])], [np.array([0.2])], 1, false_positives_per_image=1)

    assert (point.score, point.sensitivity) == (0.0, 1.0)


def test_temperature_undoes_what_the_logits_were_multiplied_by() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (20000, 2))
    probability = 1 / (1 + np.exp(logits[:, 0] - logits[:, 1]))
    labels = (random.random(20000) < probability).astype(int)

    assert fit_temperature(logits, labels) == pytest.approx(1, abs=0.05)
    assert fit_temperature(3 * logits, labels) == pytest.approx(3, abs=0.15)


def test_finished_checkpoints_have_what_infer_needs(
    random_checkpoints: tuple[Path, Path], blob_data: BlobData, tmp_path: Path
) -> None:
    calibration = calibrate_checkpoints(
        *random_checkpoints, blob_data.coco, blob_data.root, tmp_path, CPU
    )
    model = TwoStage(tmp_path / "detector.safetensors", tmp_path / "classifier.safetensors", CPU)

    assert calibration.temperature > 0
    assert (tmp_path / "reliability.png").stat().st_size > 5000
    assert calibration.before.count.sum() == len(blob_data.coco.annotations)
    for name, point in calibration.operating_points.items():
        assert model.operating_score(name) == point.score


def test_points_of_a_pair_whose_classifier_knows_background_are_the_classifiers(
    random_checkpoints: tuple[Path, Path],
    background_checkpoint: Path,
    blob_data: BlobData,
    tmp_path: Path,
) -> None:
    pair = random_checkpoints[0], background_checkpoint
    calibration = calibrate_checkpoints(*pair, blob_data.coco, blob_data.root, tmp_path, CPU)
    paths = [tmp_path / f"{kind}.safetensors" for kind in ("detector", "classifier")]
    model = TwoStage(*paths, CPU)

    assert model.operating_score("balanced") == calibration.operating_points["balanced"].score
    assert not load_checkpoint(paths[0], "detector").operating_points


def test_no_lesion_is_an_input_error(
    random_checkpoints: tuple[Path, Path], blob_data: BlobData, tmp_path: Path
) -> None:
    negatives = CocoDataset(blob_data.coco.images, [])

    with pytest.raises(InputError, match="no lesion"):
        calibrate_checkpoints(*random_checkpoints, negatives, blob_data.root, tmp_path, CPU)
    assert not list(tmp_path.iterdir())


def test_finished_class_naming_detector_has_operating_points(
    class_naming_checkpoint: Path, blob_data: BlobData, tmp_path: Path
) -> None:
    points = calibrate_class_naming_checkpoint(
        class_naming_checkpoint, blob_data.coco, blob_data.root, tmp_path, CPU
    )
    detector = ClassNamingDetector(tmp_path / "detector.safetensors", CPU)

    assert points.keys() == {"balanced", "sensitive"}
    assert detector.operating_score("balanced") == points["balanced"].score
    assert points["sensitive"].score <= points["balanced"].score
    assert points["balanced"].false_positives_per_image <= 0.5
