from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from blobs import BlobData
from scipy.special import softmax
from sklearn.metrics import log_loss

from formats.coco import CocoDataset
from formats.errors import InputError
from pipeline.class_naming import ClassNamingDetector
from pipeline.fitting.calibration import (
    calibrate_checkpoints,
    calibrate_class_naming_checkpoint,
)
from pipeline.fitting.lesion_logits import name_true_lesions
from pipeline.fitting.temperature import TEMPERATURE_BOUNDS
from pipeline.two_stage import TwoStage
from training.saving.checkpoint import load_checkpoint, save_checkpoint

CPU = torch.device("cpu")


def test_finished_checkpoints_have_what_infer_needs(
    random_checkpoints: tuple[Path, Path], blob_data: BlobData, tmp_path: Path
) -> None:
    detector, classifier = random_checkpoints
    fused = tmp_path / "fused.safetensors"
    save_checkpoint(
        replace(load_checkpoint(classifier, "classifier"), view_fusion={"balanced": {}}), fused
    )
    calibration = calibrate_checkpoints(
        detector, fused, blob_data.coco, blob_data.root, tmp_path, CPU
    )
    model = TwoStage(tmp_path / "detector.safetensors", tmp_path / "classifier.safetensors", CPU)

    finished = load_checkpoint(tmp_path / "classifier.safetensors", "classifier")
    assert finished.temperature == calibration.temperature
    # It was fitted on other scores.
    assert finished.view_fusion == {}
    said = name_true_lesions(model.classifier, blob_data.coco, blob_data.root)
    loss, *losses = (
        log_loss(said.label, softmax(said.logits / temperature, axis=1))
        for temperature in (calibration.temperature, *np.geomspace(*TEMPERATURE_BOUNDS, 50))
    )
    assert loss <= min(losses) + 1e-6
    assert max(losses) > loss + 1e-4
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
    assert calibration.operating_curve
    assert model.operating_curve == calibration.operating_curve
    detector = load_checkpoint(paths[0], "detector")
    assert not detector.operating_points
    assert not detector.operating_curve


def test_no_lesion_is_an_input_error(
    random_checkpoints: tuple[Path, Path], blob_data: BlobData, tmp_path: Path
) -> None:
    negatives = CocoDataset(images=blob_data.coco.images, annotations=[])

    with pytest.raises(InputError, match="no lesion"):
        calibrate_checkpoints(*random_checkpoints, negatives, blob_data.root, tmp_path, CPU)
    assert not list(tmp_path.iterdir())


def test_crowd_regions_are_no_lesions_to_calibrate_on(
    random_checkpoints: tuple[Path, Path], blob_data: BlobData, tmp_path: Path
) -> None:
    first, *others = blob_data.coco.annotations
    with_crowd = replace(blob_data.coco, annotations=[{**first, "iscrowd": 1}, *others])
    all_crowds = [{**a, "iscrowd": 1} for a in blob_data.coco.annotations]

    calibration = calibrate_checkpoints(
        *random_checkpoints, with_crowd, blob_data.root, tmp_path, CPU
    )

    assert calibration.before.count.sum() == len(others)
    with pytest.raises(InputError, match="no lesion"):
        calibrate_checkpoints(
            *random_checkpoints,
            replace(blob_data.coco, annotations=all_crowds),
            blob_data.root,
            tmp_path,
            CPU,
        )


def test_one_class_leaves_the_temperature_at_1_and_says_so(
    random_checkpoints: tuple[Path, Path],
    blob_data: BlobData,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    cancers = [a for a in blob_data.coco.annotations if a["category_id"] == 2]
    one_class = replace(blob_data.coco, annotations=cancers)

    calibration = calibrate_checkpoints(
        *random_checkpoints, one_class, blob_data.root, tmp_path, CPU
    )

    assert calibration.temperature == 1
    assert calibration.cancer_auc is None
    assert "one class" in caplog.text


def test_films_of_another_size_than_the_coco_file_says_are_refused(
    random_checkpoints: tuple[Path, Path],
    class_naming_checkpoint: Path,
    blob_data: BlobData,
    tmp_path: Path,
) -> None:
    images = [{**image, "width": 64, "height": 80} for image in blob_data.coco.images]
    resized = replace(blob_data.coco, images=images)
    data = (resized, blob_data.root, tmp_path, CPU)

    with pytest.raises(InputError, match=r"film_1\.png: 128x160 pixels.*64x80"):
        calibrate_checkpoints(*random_checkpoints, *data)
    with pytest.raises(InputError, match=r"film_1\.png: 128x160 pixels.*64x80"):
        calibrate_class_naming_checkpoint(class_naming_checkpoint, *data)
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
