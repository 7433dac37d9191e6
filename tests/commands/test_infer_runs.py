"""Runs that are stopped, go on and are made again, with a finder that takes no time."""

import json
import shutil
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from commands.command_line import run_command
from formats.errors import InputError
from formats.film_reading.reader import read_grey
from formats.labels import LABEL_COLOURS, bgr_of
from formats.results import ImageResult, Results, read_results
from formats.shards import Part
from pipeline.cases.grouping import with_cases
from pipeline.tumour_finder import InferredFile

infer = partial(run_command, "infer")
EXAMPLE = min((Path(__file__).parents[2] / "examples").glob("*.png"))
SCORES = {"Normal": 1.0, "Benign": 0.0, "Cancer": 0.0}


class StubFinder:
    """Finds nothing on any film, and may be stopped at one."""

    def __init__(self) -> None:
        self.header: dict[str, str] = {}
        self.stops_at: str | None = None
        self.looked_at: list[str] = []

    def results(self, images: list[ImageResult], part: Part | None = None) -> Results:
        return with_cases(Results(method="stub", models=[], images=images, part=part))

    def predict_files(self, paths: Iterable[Path]) -> Iterator[InferredFile]:
        for path in paths:
            if path.name == self.stops_at:
                raise KeyboardInterrupt
            self.looked_at.append(path.name)
            result = ImageResult(
                file_name=path.as_posix(),
                width=40,
                height=40,
                label="Normal",
                scores=SCORES,
                **self.header,
            )
            yield InferredFile(path=path, film=np.zeros((40, 40), np.uint8), result=result)


@pytest.fixture
def finder(monkeypatch: pytest.MonkeyPatch) -> StubFinder:
    stub = StubFinder()
    monkeypatch.setattr("pipeline.load", lambda *_: stub)
    return stub


@pytest.fixture
def films(tmp_path: Path) -> Path:
    return put(tmp_path / "films", "LCC.png", "LMLO.png")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def put(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(EXAMPLE, folder / name)
    return folder


def test_folders_of_one_name_are_not_one_breast(
    finder: StubFinder, tmp_path: Path, out: Path
) -> None:
    films = put(tmp_path / "films", "A/study1/LCC.png", "B/study1/LMLO.png")

    assert infer([str(films), "--output-dir", str(out)]) == 0
    assert [breast.views for breast in read_results(out / "results.json").breasts] == [
        ["CC"],
        ["MLO"],
    ]


def test_a_film_that_the_table_leaves_out_belongs_to_no_case(
    finder: StubFinder, films: Path, out: Path
) -> None:
    finder.header = {"case_id": "1.2", "side": "RIGHT", "view": "CC"}
    table = films / "cases.csv"
    table.write_text("case,side,view,file\n9,L,CC,LCC.png\n")

    assert infer([str(films), "--output-dir", str(out), "--case-table", str(table)]) == 0
    images = read_results(out / "results.json").images
    assert [(image.case_id, image.side) for image in images] == [("9", "LEFT"), (None, None)]


def test_a_run_made_again_and_stopped_leaves_the_finished_results(
    finder: StubFinder, films: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(films), "--output-dir", str(out)]
    assert infer(arguments) == infer(arguments) == 0
    finished = (out / "results.json").read_bytes()

    finder.stops_at = "LMLO.png"
    assert infer(arguments) == 130
    assert (out / "results.json").read_bytes() == finished
    capsys.readouterr()
    assert infer(arguments) == 1
    assert "--resume" in capsys.readouterr().err

    finder.stops_at, finder.looked_at = None, []
    assert infer([*arguments, "--resume"]) == 0
    assert finder.looked_at == ["LMLO.png"]
    assert (out / "results.json").read_bytes() == finished


def test_known_lesions_are_drawn_beside_what_is_found(
    finder: StubFinder, films: Path, out: Path, caplog: pytest.LogCaptureFixture
) -> None:
    coco = {
        "images": [{"id": 1, "file_name": "LCC.png", "width": 40, "height": 40}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 2, "bbox": [10, 10, 20, 20], "iscrowd": 0}
        ],
        "categories": [{"id": 1, "name": "Benign"}, {"id": 2, "name": "Cancer"}],
    }
    height_px, width_px = read_grey(EXAMPLE).shape
    coco["images"][0] |= {"width": width_px, "height": height_px}
    truth = films.with_name("truth.json")
    truth.write_text(json.dumps(coco))
    words = [str(films), "--output-dir", str(out)]

    with caplog.at_level("INFO"):
        assert infer([*words, "--coco", str(truth), "--image-root", str(films)]) == 0
    assert f"{truth}: knows 1 of 2 films" in caplog.text
    known, unknown = (cv2.imread(str(out / f"{name}_annotated.png")) for name in ("LCC", "LMLO"))
    cancer = np.array(bgr_of(LABEL_COLOURS["Cancer"]))
    assert (known[10, 10:30] == cancer).all(axis=1).any()
    assert not (unknown == cancer).all(axis=2).any()


@pytest.mark.parametrize("words", [["--coco", "c.json"], ["--image-root", "films"]])
def test_a_coco_file_needs_its_films_folder(words: list[str], films: Path, out: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        infer([str(films), "--output-dir", str(out), *words])

    assert ended.value.code == 2


def test_where_no_film_can_be_read_earlier_results_stay(
    finder: StubFinder,
    films: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    words = [str(films), "--output-dir", str(out)]
    infer(words)
    before = (out / "results.json").read_bytes()
    monkeypatch.setattr(
        finder, "predict_files", lambda paths: (InputError(f"{path}: cut off") for path in paths)
    )

    with caplog.at_level("INFO"):
        assert infer(words) == 1
    assert (out / "results.json").read_bytes() == before
    assert not list(out.glob("*.journal"))
    assert f"no film could be read; earlier results stay in {out}" in caplog.text


def test_going_on_after_the_folder_grew_is_refused(
    finder: StubFinder, films: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(films), "--output-dir", str(out)]
    finder.stops_at = "LMLO.png"
    assert infer(arguments) == 130
    put(films, "A/LCC.png")

    assert infer([*arguments, "--resume"]) == 1
    assert "another list of films" in capsys.readouterr().err


def test_going_on_with_an_edited_case_table_is_refused(
    finder: StubFinder, films: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = films / "cases.csv"
    table.write_text("case,side,view,file\n1,L,CC,LCC.png\n")
    arguments = [str(films), "--output-dir", str(out), "--case-table", str(table)]
    finder.stops_at = "LMLO.png"
    assert infer(arguments) == 130
    table.write_text("case,side,view,file\n2,L,CC,LCC.png\n")

    assert infer([*arguments, "--resume"]) == 1
    assert "case_table_sha256" in capsys.readouterr().err


def test_what_failed_before_a_stop_fails_again(
    finder: StubFinder, films: Path, out: Path, caplog: pytest.LogCaptureFixture
) -> None:
    finder.header = {"side": "RIGHT"}
    finder.stops_at = "LMLO.png"
    arguments = [str(films), "--output-dir", str(out)]
    assert infer(arguments) == 130

    finder.stops_at, finder.header = None, {"side": "RIGHT"}
    caplog.clear()
    assert infer([*arguments, "--resume"]) == 3
    assert "LCC.png: its name says side LEFT" in caplog.text


def test_pictures_that_could_not_be_written_are_tried_again(
    finder: StubFinder, films: Path, out: Path
) -> None:
    (out / "LCC_annotated.png").mkdir(parents=True)
    finder.stops_at = "LMLO.png"
    arguments = [str(films), "--output-dir", str(out)]
    assert infer(arguments) == 130
    (out / "LCC_annotated.png").rmdir()

    finder.stops_at = None
    assert infer([*arguments, "--resume"]) == 0
    assert (out / "LCC_annotated.png").is_file()


def test_a_film_too_long_for_a_jpg_does_not_end_the_run(
    finder: StubFinder,
    films: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("reports.films.picture_files.LONGEST_JPEG_SIDE_PX", 39)

    assert infer([str(films), "--output-dir", str(out), "--picture-format", "jpg"]) == 3
    assert "LCC.png: pictures not written: 40 x " in caplog.text
    assert len(read_results(out / "results.json").images) == 2
