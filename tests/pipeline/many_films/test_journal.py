import json
import os
from pathlib import Path

import pytest

from formats.errors import InputError
from formats.results import Detection, ImageResult
from pipeline.many_films.journal import Journal

RUN = {"method": "m", "models": [], "operating_point": "balanced"}
SCORES = {"Normal": 0.5, "Benign": 0.1, "Cancer": 0.4}
BOX = Detection(
    bbox_xyxy=(1.0, 2.0, 11.0, 22.0),
    score=0.5,
    label="Cancer",
    label_scores={"Benign": 0.2, "Cancer": 0.8},
)


def result(name: str) -> ImageResult:
    return ImageResult(
        file_name=name, width=20, height=30, label="Cancer", scores=SCORES, detections=[BOX]
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two films of the same names and sizes in two folders."""
    for folder in ("root", "other"):
        (tmp_path / folder).mkdir()
        for name in ("a.png", "b.png"):
            (tmp_path / folder / name).write_bytes(b"film")
            os.utime(tmp_path / folder / name, (1, 1))
    return tmp_path / "root"


def write_interrupted(root: Path, output: Path) -> None:
    journal = Journal(output, RUN, root)
    assert journal.read() == {}
    journal.append([result("a.png")])
    journal.append([result("b.png")])


def test_what_was_finished_comes_back(root: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    write_interrupted(root, output)
    journal = Journal(output, RUN, root)

    assert journal.read() == {"a.png": result("a.png"), "b.png": result("b.png")}
    journal.delete()
    assert journal.read() == {}


def test_a_run_may_start_anew_where_nothing_is_lost(root: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    Journal(output, {}, root).start_anew()
    journal = Journal(output, RUN, root)
    journal.start_anew()
    journal.append([result("b.png")])

    assert journal.read().keys() == {"b.png"}


def test_what_an_interrupted_run_has_finished_is_not_thrown_away(
    root: Path, tmp_path: Path
) -> None:
    output = tmp_path / "results.json"
    write_interrupted(root, output)

    with pytest.raises(InputError, match=r"results\.json\.journal: .*--resume .*delete this file"):
        Journal(output, RUN, root).start_anew()
    assert Journal(output, RUN, root).read().keys() == {"a.png", "b.png"}


def test_a_journal_that_is_gone_may_be_ended(root: Path, tmp_path: Path) -> None:
    Journal(tmp_path / "results.json", RUN, root).delete()


def test_another_list_of_films_is_refused_with_the_reason(root: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    Journal(output, {**RUN, "films_sha256": "a"}, root).start_anew()

    with pytest.raises(InputError, match="over another list of films"):
        Journal(output, {**RUN, "films_sha256": "b"}, root).read()


def test_a_line_that_was_cut_off_is_dropped(root: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    write_interrupted(root, output)
    path = tmp_path / "results.json.journal"
    path.write_bytes(path.read_bytes()[:-20])
    journal = Journal(output, RUN, root)

    assert journal.read().keys() == {"a.png"}
    journal.append([result("b.png")])
    assert Journal(output, RUN, root).read().keys() == {"a.png", "b.png"}


def test_films_of_another_folder_are_others(root: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    write_interrupted(root, output)

    assert Journal(output, RUN, tmp_path / "other").read() == {}


def test_a_folder_given_in_another_way_is_the_same(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "results.json"
    write_interrupted(root, output)
    monkeypatch.chdir(tmp_path)

    assert len(Journal(output, RUN, Path("root")).read()) == 2


def test_a_film_that_was_replaced_is_another(root: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    write_interrupted(root, output)
    (root / "a.png").write_bytes(b"mlif")

    assert Journal(output, RUN, root).read().keys() == {"b.png"}


def test_another_run_is_refused(root: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    write_interrupted(root, output)

    with pytest.raises(InputError, match=r"results\.json\.journal: .*other models"):
        Journal(output, {**RUN, "operating_point": "sensitive"}, root).read()


@pytest.mark.parametrize("content", [b"\xff\xfe\n", b"no json\n", b"[]\n", b"{}\n5\n", b'"a"\n'])
def test_what_is_no_journal_is_named(root: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "results.json.journal").write_bytes(content)

    with pytest.raises(InputError, match=r"results\.json\.journal"):
        Journal(tmp_path / "results.json", RUN, root).read()


def test_names_that_are_no_text_are_kept(root: Path, tmp_path: Path) -> None:
    (root / "f_\udce4.png").write_bytes(b"film")
    journal = Journal(tmp_path / "results.json", RUN, root)
    journal.read()
    journal.append([result("f_\udce4.png")])

    assert journal.read().keys() == {"f_\udce4.png"}
    assert all(map(json.loads, (tmp_path / "results.json.journal").read_text().splitlines()))
