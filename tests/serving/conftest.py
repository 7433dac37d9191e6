"""The page with a small pair, and clients that ask it."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from formats.geometry.box_conventions import AS_FOUND
from formats.results import Detection, ImageResult, ModelFile
from pipeline.cases.view_fusion import FusionParameters, ViewFusion
from pipeline.film_result import image_scores, worst_label
from pipeline.operating_points import OperatingPoint
from serving.access import Access
from serving.app import reading_app

SCORES = (0.9, 0.6, 0.2)
FITTED = {
    "tumour": FusionParameters(
        intercept=-1, higher=1, lower=0.5, single_intercept=0, single_slope=0.5
    )
}
HERE = "http://127.0.0.1:8000"


class KnownPair:
    """Finds the same three boxes on every film, and notes what it was asked."""

    def __init__(self) -> None:
        self.models = [ModelFile("detector", "0" * 64), ModelFile("classifier", "1" * 64)]
        self.box_convention_name = AS_FOUND
        self.operating_points = {"balanced": 0.5, "sensitive": 0.1}
        self.operating_curve = [
            OperatingPoint(score=score, sensitivity=found, false_positives_per_image=false)
            for score, found, false in ((0.8, 0.4, 0.1), (0.5, 0.6, 0.5), (0.1, 0.8, 1.0))
        ]
        self.names: list[str] = []

    def operating_score(self, name: str) -> float:
        return self.operating_points[name]

    def view_fusion(self, listed_from: str) -> ViewFusion:
        return ViewFusion(FITTED if listed_from == "balanced" else None)

    def predict(
        self, film: np.ndarray, file_name: str, operating_score: float, lowest_score: float
    ) -> ImageResult:
        self.names.append(file_name)
        found = [
            Detection(
                bbox_xyxy=(10.0 * place, 10.0, 10.0 * place + 8, 30.0),
                score=score,
                label="Cancer",
                label_scores={"Benign": 0.25, "Cancer": 0.75},
            )
            for place, score in enumerate(SCORES, 1)
            if score >= lowest_score
        ]
        height_px, width_px = film.shape
        return ImageResult(
            file_name=file_name,
            width=width_px,
            height=height_px,
            label=worst_label([d for d in found if d.score >= operating_score]),
            scores=image_scores(found),
            detections=found,
        )


@pytest.fixture
def pair() -> KnownPair:
    return KnownPair()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where uploads lie."""
    made = tmp_path / "uploads"
    made.mkdir()
    return made


@pytest.fixture
def app(pair: KnownPair, folder: Path) -> Starlette:
    return reading_app(pair, folder, Access(None), "1.0")  # type: ignore[arg-type]


@pytest.fixture
def client(app: Starlette) -> Iterator[TestClient]:
    with TestClient(app, base_url=HERE) as asking:
        yield asking


@pytest.fixture(scope="session")
def film() -> np.ndarray:
    rows, columns = np.mgrid[:90, :64]
    breast = np.clip(1.2 - np.hypot((rows - 45) / 50, columns / 45), 0, 1)
    return (4095 * breast).astype(np.uint16)


@pytest.fixture(scope="session")
def png(film: np.ndarray) -> bytes:
    return bytes(cv2.imencode(".png", film)[1].tobytes())
