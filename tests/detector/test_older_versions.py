"""Detectors of earlier versions find what they found, whatever the code's defaults become."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from older_versions import write_version_1, write_version_2

from detector.config import (
    DetectorConfig,
    DetectorInput,
    DetectorLooks,
    DetectorModel,
    Proposals,
    Suppression,
)
from detector.detections import Detections
from detector.merged import load_predictor, merge_detectors
from detector.model import build_detector, save_detector
from detector.predictor import DetectorPredictor
from training.config import config_from_dict
from training.saving.checkpoint import load_checkpoint, save_checkpoint

FILM = np.random.default_rng(0).integers(0, 255, (160, 128)).astype(np.uint8)
OTHER_DEFAULTS: dict[str, Any] = {
    "looks": DetectorLooks(mirrored=False, same_lesion_iou=0.9),
    "model": DetectorModel(
        proposals=Proposals(candidates=9, kept=5, nms_iou=0.1),
        suppression=Suppression(lowest_score=0.3, nms_iou=0.9),
        roi_side_cells=5,
        detections_per_image=3,
    ),
}


@pytest.fixture(scope="module")
def old_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("old")
    config = DetectorConfig(input=DetectorInput(side_px=128))
    save_detector(build_detector(config), config, folder / "new.safetensors", {}, {})
    checkpoint = load_checkpoint(folder / "new.safetensors", "detector")
    write_version_1(checkpoint, folder / "old.safetensors")
    return folder / "old.safetensors"


@pytest.fixture
def other_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in fields(DetectorConfig):
        if field.name in OTHER_DEFAULTS:
            monkeypatch.setattr(
                field, "default_factory", lambda name=field.name: OTHER_DEFAULTS[name]
            )


def boxes(path: Path) -> Detections:
    return DetectorPredictor.from_checkpoint(path, torch.device("cpu")).predict(FILM)


@pytest.fixture(scope="module")
def boxes_before(old_file: Path) -> Detections:
    return boxes(old_file)


@pytest.mark.usefixtures("other_defaults")
def test_other_defaults_do_not_change_an_old_checkpoints_boxes(
    boxes_before: Detections, old_file: Path
) -> None:
    after = boxes(old_file)

    assert len(boxes_before.scores) > 3
    np.testing.assert_array_equal(after.boxes_xyxy, boxes_before.boxes_xyxy)
    np.testing.assert_array_equal(after.scores, boxes_before.scores)


@pytest.mark.usefixtures("boxes_before", "other_defaults")
def test_other_defaults_are_those_of_a_configuration_that_says_nothing() -> None:
    config = config_from_dict(DetectorConfig, {})

    assert {"looks": config.looks, "model": config.model} == OTHER_DEFAULTS


@pytest.mark.usefixtures("other_defaults")
def test_a_checkpoint_of_this_version_says_all_that_it_needs(
    boxes_before: Detections, old_file: Path
) -> None:
    """The file from which the old one was made has the same weights."""
    after = boxes(old_file.with_name("new.safetensors"))

    np.testing.assert_array_equal(after.boxes_xyxy, boxes_before.boxes_xyxy)


@pytest.mark.usefixtures("other_defaults")
def test_which_boxes_of_two_classes_are_one_lesion_stays(old_file: Path, tmp_path: Path) -> None:
    newest = load_checkpoint(old_file.with_name("new.safetensors"), "detector")
    write_version_2(newest, tmp_path / "old.safetensors")

    for path in (old_file, tmp_path / "old.safetensors"):
        predictor = DetectorPredictor.from_checkpoint(path, torch.device("cpu"))
        assert predictor.same_lesion_iou == 0.5


@pytest.mark.usefixtures("boxes_before", "other_defaults")
def test_an_old_merged_detector_finds_what_it_found(old_file: Path, tmp_path: Path) -> None:
    newest = old_file.with_name("new.safetensors")
    merged = merge_detectors([newest, newest])
    save_checkpoint(merged, tmp_path / "new.safetensors")
    write_version_2(merged, tmp_path / "old.safetensors")

    new, old = (
        load_predictor(tmp_path / name, torch.device("cpu"))
        for name in ("new.safetensors", "old.safetensors")
    )
    assert old.same_lesion_iou == 0.5
    np.testing.assert_array_equal(old.predict(FILM).scores, new.predict(FILM).scores)
