from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from blobs import BlobData

from evaluation.boxes.centre_pairs import CentrePairs
from formats.coco import CocoDataset
from formats.errors import InputError
from formats.film_reading.reader import read_grey
from pipeline.fitting.box_fitting import fit_box_convention, fit_boxes_of_checkpoint
from pipeline.two_stage import TwoStage
from training.saving.checkpoint import load_checkpoint

CPU = torch.device("cpu")
FILM_PX = np.array([2000.0, 3000.0])


def drawn_pairs(patient: list[int], factor: list[float], offset: list[float]) -> CentrePairs:
    """Boxes of all sizes, each drawn `factor` times as large, plus a part of the film."""
    found = np.random.default_rng(0).uniform(100, 600, (len(patient), 2))
    return CentrePairs(
        patient=np.array(patient),
        found_size_px=found,
        drawn_size_px=np.array(factor) * found + np.array(offset) * FILM_PX,
        film_size_px=np.tile(FILM_PX, (len(patient), 1)),
    )


def redrawn(pairs: CentrePairs) -> np.ndarray:
    """Return the (K, 2) sizes that the fitted convention makes of the found ones."""
    fitted = fit_box_convention(pairs)
    factor = np.array([fitted.width_factor, fitted.height_factor])
    offset = np.array([fitted.width_offset, fitted.height_offset])
    return factor * pairs.found_size_px + offset * pairs.film_size_px


def test_many_lesions_give_factor_and_offset_back() -> None:
    fitted = fit_box_convention(drawn_pairs(list(range(300)), [1.5, 1.8], [0.02, 0.01]))

    assert fitted.width_factor == pytest.approx(1.5, abs=0.03)
    assert fitted.height_factor == pytest.approx(1.8, abs=0.03)
    assert fitted.width_offset == pytest.approx(0.02, abs=0.005)
    assert fitted.height_offset == pytest.approx(0.01, abs=0.005)


def test_boxes_that_are_drawn_too_large_shrink() -> None:
    pairs = drawn_pairs(list(range(50)), [0.6, 0.6], [0, 0])

    assert redrawn(pairs) == pytest.approx(pairs.drawn_size_px, rel=0.02)


def test_a_few_wild_outlines_move_nothing() -> None:
    pairs = drawn_pairs(list(range(30)), [1.5, 1.5], [0, 0])
    wild = pairs.drawn_size_px.copy()
    wild[:4] *= 4
    expected = pairs.drawn_size_px[4:]

    assert redrawn(replace(pairs, drawn_size_px=wild))[4:] == pytest.approx(expected, rel=0.06)


def test_a_patient_of_many_lesions_weighs_as_one() -> None:
    patient = [0] * 200 + list(range(1, 21))
    pairs = drawn_pairs(patient, [1.5, 1.5], [0, 0])
    drawn = pairs.drawn_size_px.copy()
    drawn[:200] *= 2

    assert redrawn(replace(pairs, drawn_size_px=drawn))[200:] == pytest.approx(
        pairs.drawn_size_px[200:], rel=0.08
    )


def test_one_lesion_says_little_of_offset_and_of_shape() -> None:
    fitted = fit_box_convention(drawn_pairs([0], [2.4, 1.2], [0, 0]))

    assert 1.2 < fitted.height_factor < fitted.width_factor < 2.4
    assert max(fitted.width_offset, fitted.height_offset) < 0.02


def test_without_a_pair_there_is_nothing_to_fit() -> None:
    with pytest.raises(InputError, match="nothing to fit"):
        fit_box_convention(drawn_pairs([], [1, 1], [0, 0]))


def test_the_convention_is_saved_by_name_and_drawn_after_naming(
    random_checkpoints: tuple[Path, Path], blob_data: BlobData, tmp_path: Path
) -> None:
    detector, classifier = random_checkpoints
    film = read_grey(blob_data.root / blob_data.coco.images[0]["file_name"])
    found = TwoStage(detector, classifier, CPU).predict(film, "f", 0.0, 0.01)
    # The untrained detector's own surest box, as if it were drawn half as large about its middle.
    x1, y1, x2, y2 = found.detections[0].bbox_xyxy
    width, height = x2 - x1, y2 - y1
    drawn = [x1 + width / 4, y1 + height / 4, width / 2, height / 2]
    lesion = {**blob_data.coco.annotations[0], "bbox": drawn}
    dataset = CocoDataset(images=blob_data.coco.images[:1], annotations=[lesion])

    fitted = fit_boxes_of_checkpoint(
        "half", detector, classifier, dataset, blob_data.root, tmp_path, CPU
    )

    saved = load_checkpoint(tmp_path / "detector.safetensors", "detector")
    assert list(saved.box_conventions) == ["half"]
    assert saved.weights_sha256 == load_checkpoint(detector, "detector").weights_sha256
    assert (fitted.pairs, fitted.patients) == (1, 1)
    assert 0.4 < fitted.convention.width_factor < 0.7
    half = TwoStage(tmp_path / "detector.safetensors", classifier, CPU, "half")
    assert half.box_convention_name == "half"
    halved = half.predict(film, "f", 0.0, 0.01)
    assert halved.scores == found.scores
    for one, other in zip(halved.detections, found.detections, strict=True):
        assert (one.score, one.label_scores) == (other.score, other.label_scores)
        redrawn_box = fitted.convention.redraw(np.array([other.bbox_xyxy]), 160, 128)[0]
        assert one.bbox_xyxy == pytest.approx(tuple(redrawn_box))
