"""What the command refuses, and what it says to do."""

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from dicom_files import dicom_film, save_dicom

from commands.command_line import run_command
from formats.coco import CocoDataset, write_coco
from formats.results import Detection, ImageResult, Results, write_results

WIDTH_PX, HEIGHT_PX = 60, 80


def drawn(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (HEIGHT_PX, WIDTH_PX), dtype=np.uint8)


def write_found(path: Path, *file_names: str) -> None:
    """Results with a box on each film."""
    detection = Detection(
        bbox_xyxy=(1, 2, 11, 12),
        score=0.6,
        label="Benign",
        label_scores={"Benign": 1.0, "Cancer": 0.0},
    )
    images = [
        ImageResult(
            file_name=name,
            width=WIDTH_PX,
            height=HEIGHT_PX,
            label="Benign",
            scores={"Normal": 0.4, "Benign": 0.6, "Cancer": 0.0},
            detections=[detection],
        )
        for name in file_names
    ]
    write_results(Results(method="two_stage", models=[], images=images), path)


def export(*words: str | Path, image_root: Path | str = ".") -> int:
    given = ["--image-root", str(image_root), "--format", "coco", "--output-dir", "out"]
    return run_command("export-annotations", [*map(str, words), *given])


def usage_error(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        export(*words)
    assert ended.value.code == 2
    return capsys.readouterr().err


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a film, its COCO file and its results."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    cv2.imwrite("a.png", drawn())
    image = {"id": 1, "file_name": "a.png", "width": WIDTH_PX, "height": HEIGHT_PX}
    write_coco(CocoDataset(images=[image], annotations=[]), Path("test.json"))  # type: ignore[list-item]
    write_found(Path("results.json"), "a.png")
    return here


@pytest.mark.parametrize("score", ["nan", "inf", "-inf", "2", "-1", "-0.01", "high"])
def test_a_lowest_score_that_cannot_be_is_refused(
    score: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--lowest-score" in usage_error(
        ["--results", "results.json", f"--lowest-score={score}"], capsys
    )


@pytest.mark.parametrize("score", ["0", "1", "0.5"])
def test_a_lowest_score_of_0_to_1_is_taken(score: str) -> None:
    assert export("--results", "results.json", "--lowest-score", score) == 0


@pytest.mark.parametrize(
    "words",
    [
        ["--coco", "test.json", "--lowest-score", "0"],
        ["--results", "results.json", "--category-map", "map.yaml"],
        ["--results", "results.json", "--bbox-format", "xyxy"],
        ["--results", "results.json", "--allow-lost-boxes"],
    ],
)
def test_an_option_that_would_change_nothing_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"error: {words[2]}" in usage_error(words, capsys)


def test_no_export_can_be_asked_to_name_the_person(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--results", "results.json", "--study-label"]

    assert "unrecognized arguments: --study-label" in usage_error(words, capsys)


def test_parts_that_differ_by_case_alone_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "two parts of one name" in usage_error(["--coco", "test.json", "Test.json"], capsys)


def test_cocos_results_list_is_known_and_the_file_beside_it_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("results.coco.json").write_text("[]")

    assert export("--results", "results.coco.json") == 1
    error = capsys.readouterr().err
    assert "COCO's results list" in error
    assert "give the results file beside it, results.json" in error


def test_a_results_file_given_as_coco_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert export("--coco", "results.json") == 1
    error = capsys.readouterr().err
    assert "a results file" in error
    assert "--results" in error


def test_a_missing_film_of_results_is_not_blamed_on_a_coco_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_found(Path("results.json"), "gone.png")

    assert export("--results", "results.json") == 1
    error = capsys.readouterr().err
    assert "gone.png: no such film; check the image root" in error
    assert "COCO" not in error


@pytest.mark.parametrize("is_absolute", [False, True])
def test_another_film_of_the_same_name_is_not_taken(
    folder: Path, capsys: pytest.CaptureFixture[str], *, is_absolute: bool
) -> None:
    meant = folder.parent / "films" / "a.png"
    meant.parent.mkdir()
    cv2.imwrite(str(meant), drawn(seed=1))
    write_found(Path("results.json"), str(meant) if is_absolute else "../films/a.png")

    assert export("--results", "results.json") == 1
    assert "found as a.png, which may be another film" in capsys.readouterr().err
    assert not Path("out").exists()
    for image_root in ("../films", "/" if is_absolute else ".."):
        assert export("--results", "results.json", image_root=image_root) == 0
        (placed,) = Path("out/images").rglob("*.png")
        assert placed.read_bytes() == meant.read_bytes()
        # A later export wants an empty folder.
        Path("out").rename(f"out_{Path(image_root).name}")


def test_a_name_that_climbs_is_not_cut_short_where_its_film_is_gone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_found(Path("results.json"), "../films/a.png")

    assert export("--results", "results.json") == 1
    assert "which may be another film; give the folder" in capsys.readouterr().err


def test_raw_films_are_exported_where_that_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    raw = dicom_film(drawn(), bits_stored=8, PresentationIntentType="FOR PROCESSING")
    save_dicom(Path("raw.dcm"), raw)
    write_found(Path("results.json"), "a.png", "raw.dcm")

    assert export("--results", "results.json") == 1
    assert "--allow-for-processing" in capsys.readouterr().err
    assert not Path("out").exists()
    assert export("--results", "results.json", "--allow-for-processing") == 0
    document = json.loads(Path("out/annotations/instances_results.json").read_text())
    assert [image["file_name"] for image in document["images"]] == ["a.png", "raw.dcm.png"]
