from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from detector.config import DetectorConfig, DetectorInput, DetectorModel
from detector.model import build_detector, save_detector
from detector.predictor import DetectorPredictor
from formats.geometry.boxes import area_xyxy
from formats.geometry.letterbox import Geometry

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def predictor(
    engine_model: DetectorModel, tmp_path_factory: pytest.TempPathFactory
) -> DetectorPredictor:
    torch.manual_seed(1)
    config = DetectorConfig(input=DetectorInput(side_px=128), model=engine_model)
    path: Path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    save_detector(build_detector(config), config, path, {}, {})
    return DetectorPredictor.from_checkpoint(path, CPU)


def test_a_stretched_copy_of_a_film_gives_the_same_boxes(predictor: DetectorPredictor) -> None:
    small = np.random.default_rng(0).integers(0, 255, (16, 16)).astype(np.uint8)
    tall = cv2.resize(small, (256, 512), interpolation=cv2.INTER_NEAREST)
    square = cv2.resize(small, (256, 256), interpolation=cv2.INTER_NEAREST)

    on_tall, on_square = predictor.predict(tall), predictor.predict(square)

    assert len(on_tall.scores) > 0
    np.testing.assert_allclose(on_tall.scores, on_square.scores, atol=1e-3)
    np.testing.assert_allclose(
        on_tall.boxes_xyxy[:5], on_square.boxes_xyxy[:5] * [1, 2, 1, 2], atol=0.5
    )


def test_films_of_other_sizes_in_one_batch_change_nothing(predictor: DetectorPredictor) -> None:
    random = np.random.default_rng(0)
    films = [random.integers(0, 255, size).astype(np.uint8) for size in ((200, 100), (90, 300))]

    for film, found in zip(films, predictor.predict_batch(films), strict=True):
        alone = predictor.predict(film)
        np.testing.assert_allclose(found.boxes_xyxy, alone.boxes_xyxy, atol=1e-3)
        np.testing.assert_allclose(found.scores, alone.scores, atol=1e-5)


@pytest.fixture(scope="module")
def letterboxing(tmp_path_factory: pytest.TempPathFactory) -> DetectorPredictor:
    torch.manual_seed(1)
    config = DetectorConfig(input=DetectorInput(side_px=128, geometry=Geometry.letterbox))
    path: Path = tmp_path_factory.mktemp("weights") / "letterbox.safetensors"
    save_detector(build_detector(config), config, path, {}, {})
    return DetectorPredictor.from_checkpoint(path, CPU)


@pytest.mark.parametrize("film_hw", [(100, 300), (300, 100)], ids=["wide", "tall"])
def test_nothing_is_found_in_the_black_beside_a_film(
    film_hw: tuple[int, int], letterboxing: DetectorPredictor
) -> None:
    found = letterboxing.predict(np.random.default_rng(0).integers(0, 255, film_hw, dtype=np.uint8))

    assert 0 < len(found.boxes_xyxy) == len(found.scores) == len(found.class_indices)
    assert (area_xyxy(found.boxes_xyxy) > 0).all()
    assert (found.boxes_xyxy >= 0).all()
    assert (found.boxes_xyxy <= [*film_hw[::-1], *film_hw[::-1]]).all()


@pytest.mark.parametrize("film_hw", [(32, 30_000), (30_000, 32)], ids=["wide", "tall"])
def test_a_thin_letterboxed_film_is_no_error(
    film_hw: tuple[int, int], letterboxing: DetectorPredictor
) -> None:
    found = letterboxing.predict(np.full(film_hw, 9, dtype=np.uint8))

    assert found.boxes_xyxy.shape[1:] == (4,)


def test_a_mirrored_film_has_the_mirrored_boxes(predictor: DetectorPredictor) -> None:
    film = np.random.default_rng(0).integers(0, 255, (128, 128), dtype=np.uint8)

    found, mirrored = predictor.predict(film), predictor.predict(film[:, ::-1].copy())

    assert len(found.scores) > 0
    best = mirrored.boxes_xyxy[:5, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [128, 0, 128, 0]
    np.testing.assert_allclose(found.scores[:5], mirrored.scores[:5], atol=1e-4)
    np.testing.assert_allclose(found.boxes_xyxy[:5], best, atol=0.05)


def test_a_black_film_is_no_error(predictor: DetectorPredictor) -> None:
    found = predictor.predict(np.zeros((64, 64), dtype=np.uint16))

    assert found.boxes_xyxy.shape[1:] == (4,)
    assert np.isfinite(found.scores).all()
