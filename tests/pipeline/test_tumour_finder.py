from pathlib import Path

import cv2
import numpy as np
import pytest

from formats.errors import InputError
from formats.results import Detection
from pipeline import load
from pipeline.tumour_finder import InferredFile, TumourFinder
from pipeline.two_stage import TwoStage

EXAMPLE = Path(__file__).parents[2] / "examples" / "benign_mass.png"


@pytest.fixture(scope="module")
def embedded() -> TumourFinder:
    return load(device="cpu")


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    random = np.random.default_rng(0)
    paths = [tmp_path / "good.png", tmp_path / "bad.png", tmp_path / "deep.png"]
    cv2.imwrite(str(paths[0]), random.integers(0, 255, (90, 60)).astype(np.uint8))
    paths[1].write_bytes(b"not an image")
    cv2.imwrite(str(paths[2]), random.integers(0, 65535, (90, 60)).astype(np.uint16))
    return paths


def test_a_bad_file_is_named_and_the_others_go_on(
    random_model: TwoStage,
    films: list[Path],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Untrained networks have no points of their own.
    monkeypatch.setattr(random_model, "operating_score", lambda point: 0.0)
    outcomes = list(TumourFinder(random_model, "balanced").predict_files(films))

    assert [type(o) for o in outcomes] == [InferredFile, InputError, InferredFile]
    assert "bad.png" in caplog.text


def test_a_film_may_be_an_array_or_a_path(embedded: TumourFinder) -> None:
    film = cv2.imread(str(EXAMPLE), cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH)
    results = [embedded.predict(given) for given in (film, EXAMPLE, str(EXAMPLE))]

    assert [result.file_name for result in results] == ["", *[EXAMPLE.as_posix()] * 2]
    assert results[0].label == "Benign"
    assert results[0].detections
    assert results[0].detections == results[1].detections == results[2].detections
    assert (results[0].height, results[0].width) == film.shape


def test_results_say_which_checkpoints_they_are_of(embedded: TumourFinder) -> None:
    document = embedded.results([])

    assert document.method == "two_stage"
    assert [model.name for model in document.models] == [
        "detector.safetensors",
        "classifier.safetensors",
    ]


def test_the_operating_point_decides_what_is_listed(
    random_model: TwoStage, films: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = [found.score for found in _find_all(random_model, films[0], monkeypatch, 0.0)]
    middle = scores[len(scores) // 2]

    listed = _find_all(random_model, films[0], monkeypatch, middle)
    assert [found.score for found in listed] == [score for score in scores if score >= middle]
    assert 0 < len(listed) < len(scores)


def _find_all(
    model: TwoStage, path: Path, monkeypatch: pytest.MonkeyPatch, score: float
) -> list[Detection]:
    points = {"here": score}
    monkeypatch.setattr(model, "operating_score", points.__getitem__)
    return TumourFinder(model, "here").predict(path).detections


@pytest.mark.parametrize(
    "film",
    [
        np.zeros((3, 90, 60), dtype=np.uint8),
        np.zeros((90, 60), dtype=np.float32),
        np.zeros((90, 31), dtype=np.uint8),
    ],
    ids=["colour", "float", "narrow"],
)
def test_an_array_that_is_no_film_is_refused(embedded: TumourFinder, film: np.ndarray) -> None:
    with pytest.raises(InputError, match=r"\(height, width\)"):
        embedded.predict(film)
