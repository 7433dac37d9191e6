from pathlib import Path

import numpy as np
import pytest
import torch

from detector.config import DetectorConfig, DetectorData, DetectorInput
from detector.model import build_detector, save_detector
from formats.errors import InputError
from pipeline.two_stage import (
    DEFAULT_CLASSIFIER,
    TwoStage,
    load_two_stage,
)

FILM = np.random.default_rng(0).integers(0, 4000, (300, 200)).astype(np.uint16)


def test_boxes_are_in_film_pixels_and_every_label_is_the_likelier(random_model: TwoStage) -> None:
    result = random_model.predict(FILM, "film.png", operating_score=0.0, lowest_score=0.0)

    assert (result.width, result.height) == (200, 300)
    assert result.detections
    for found in result.detections:
        x1, y1, x2, y2 = found.bbox_xyxy
        assert 0 <= x1 < x2 <= 200
        assert 0 <= y1 < y2 <= 300
        assert sum(found.label_scores.values()) == pytest.approx(1)
        assert found.label == max(found.label_scores, key=lambda name: found.label_scores[name])
    assert sum(result.scores.values()) == pytest.approx(1)


def test_label_follows_the_operating_score_and_the_list_the_lowest(random_model: TwoStage) -> None:
    result = random_model.predict(FILM, "film.png", operating_score=1.1, lowest_score=0.0)

    assert result.label == "Normal"
    assert result.detections


def test_classifier_that_knows_background_lowers_the_scores(
    random_checkpoints: tuple[Path, Path], background_checkpoint: Path, random_model: TwoStage
) -> None:
    model = TwoStage(random_checkpoints[0], background_checkpoint, torch.device("cpu"))
    results = [m.predict(FILM, "film.png", 0.0, 0.0) for m in (model, random_model)]
    lowered, plain = ({d.bbox_xyxy: d for d in r.detections} for r in results)

    assert lowered.keys() == plain.keys()
    assert all(0 < lowered[box].score < plain[box].score for box in plain)
    assert all(sum(d.label_scores.values()) == pytest.approx(1) for d in lowered.values())
    scores = [d.score for d in results[0].detections]
    assert scores == sorted(scores, reverse=True)


def test_unknown_operating_point_is_named(random_model: TwoStage) -> None:
    with pytest.raises(InputError, match="'certain'"):
        load_two_stage(None, None, "cpu").operating_score("certain")
    with pytest.raises(InputError, match="no operating points"):
        random_model.operating_score("balanced")


def test_points_of_a_classifier_that_knows_background_hold_for_its_own_detector(
    random_checkpoints: tuple[Path, Path],
) -> None:
    model = TwoStage(random_checkpoints[0], DEFAULT_CLASSIFIER, torch.device("cpu"))

    with pytest.raises(InputError, match=r"classifier\.safetensors.*another detector"):
        model.operating_score("balanced")


def test_swapped_checkpoints_are_refused(random_checkpoints: tuple[Path, Path]) -> None:
    detector_path, classifier_path = random_checkpoints

    with pytest.raises(InputError, match="give a detector"):
        TwoStage(classifier_path, detector_path, torch.device("cpu"))


def test_detector_that_names_the_class_is_no_first_stage(
    random_checkpoints: tuple[Path, Path], tmp_path: Path
) -> None:
    config = DetectorConfig(
        data=DetectorData(class_names=["Benign", "Cancer"]), input=DetectorInput(side_px=64)
    )
    save_detector(build_detector(config), config, tmp_path / "d.safetensors", {}, {})

    with pytest.raises(InputError, match=r"names .* itself"):
        TwoStage(tmp_path / "d.safetensors", random_checkpoints[1], torch.device("cpu"))


def test_embedded_weights_load_and_have_both_operating_points() -> None:
    model = load_two_stage(None, None, "cpu")

    assert model.operating_score("sensitive") < model.operating_score("balanced")
    assert [m.name for m in model.models] == ["detector.safetensors", "classifier.safetensors"]
