import csv
import io
from pathlib import Path

import cv2
import numpy as np
import pytest

from formats.box_sizes import with_metadata
from formats.errors import InputError
from formats.film_metadata import FilmMetadata
from formats.results import Detection, ImageResult
from pipeline.film_files import (
    CSV_COLUMNS,
    InferredFile,
    describe,
    infer_files,
    results_to_csv,
    write_overlay,
)
from pipeline.two_stage import TwoStage

BOX = Detection((10.4, 20.0, 30.0, 60.6), 0.875, "Cancer", {"Benign": 0.25, "Cancer": 0.75})
FOUND = ImageResult("a.png", 100, 200, "Cancer", {}, [BOX])
NOTHING = ImageResult("b.png", 100, 200, "Normal", {})


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    random = np.random.default_rng(0)
    paths = [tmp_path / "good.png", tmp_path / "bad.png", tmp_path / "deep.png"]
    cv2.imwrite(str(paths[0]), random.integers(0, 255, (90, 60)).astype(np.uint8))
    paths[1].write_bytes(b"not an image")
    cv2.imwrite(str(paths[2]), random.integers(0, 65535, (90, 60)).astype(np.uint16))
    return paths


def test_a_bad_file_is_named_and_the_others_go_on(
    random_model: TwoStage, films: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    outcomes = list(infer_files(random_model, films, operating_score=0.0))

    assert [type(o) for o in outcomes] == [InferredFile, InputError, InferredFile]
    assert "bad.png" in caplog.text


def test_lines_for_people() -> None:
    assert describe(FOUND) == "a.png: Cancer probability 0.75 score 0.88 box 10,20,30,61 px"
    assert describe(NOTHING) == "b.png: Normal (no box above the operating point)"


def test_table_has_a_row_a_box_and_one_for_normal() -> None:
    rows = list(csv.reader(io.StringIO(results_to_csv([FOUND, NOTHING]))))

    assert rows[0] == list(CSV_COLUMNS)
    assert rows[1] == [
        "a.png", "Cancer", "0.7500", "0.8750", "10.4000", "20.0000", "30.0000", "60.6000",
        "", "", "",
    ]  # fmt: skip
    assert rows[2] == ["b.png", "Normal", *[""] * 9]


def test_sizes_in_millimetres_stand_beside_pixels_and_say_their_source() -> None:
    spacing = FilmMetadata(spacing_mm=(0.5, 0.25), spacing_source="ImagerPixelSpacing")
    measured = with_metadata(FOUND, spacing)
    rows = list(csv.reader(io.StringIO(results_to_csv([measured]))))

    assert describe(measured).endswith("box 10,20,30,61 px, 4.9 x 20.3 mm by ImagerPixelSpacing")
    assert rows[1][-3:] == ["4.9", "20.3", "ImagerPixelSpacing"]


def test_overlays_of_equal_names_do_not_overwrite_each_other(tmp_path: Path) -> None:
    film = np.zeros((200, 100), dtype=np.uint8)
    taken: set[str] = set()
    written = [
        write_overlay(InferredFile(Path(folder) / "x.png", film, FOUND), tmp_path, taken)
        for folder in ("left", "right")
    ]

    assert [path.name for path in written] == ["x_overlay.png", "x_2_overlay.png"]
    assert all(cv2.imread(str(path)).shape == (200, 100, 3) for path in written)
