import shutil
from functools import partial
from pathlib import Path

import pytest

from commands.command_line import run_command
from formats.film_reading.reader import DicomOptions, Film, read_film
from formats.results import read_results

infer = partial(run_command, "infer")
merge = partial(run_command, "merge")
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.png"))


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three films, two of one name, and a file that is no film."""
    folder = tmp_path_factory.mktemp("films")
    for place, name in enumerate(("a/x.png", "b/x.png", "c/y.png")):
        (folder / name).parent.mkdir()
        shutil.copy(EXAMPLES[place % 2], folder / name)
    (folder / "b" / "bad.png").write_bytes(b"\x89PNG cut")
    return folder


@pytest.fixture(scope="module")
def whole(films: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("whole")
    assert infer([str(films), "--output-dir", str(output), "--device", "cpu"]) == 3
    return output


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and ".part" not in path.name]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_parts_put_together_are_the_same_bytes_as_one_run(
    films: Path, whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for shard in ("2/2", "1/2"):
        infer([str(films), "--output-dir", str(tmp_path), "--shard", shard, "--device", "cpu"])
    assert "results.json" not in contents(tmp_path)
    capsys.readouterr()

    assert merge([str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'results.json'}\n"
    assert contents(tmp_path) == contents(whole)
    assert sum("crops/" in name for name in contents(whole)) == sum(
        len(image.detections) for image in read_results(whole / "results.json").images
    )


def test_a_stopped_run_goes_on_and_reads_no_film_again(
    films: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def read_or_stop(path: Path, options: DicomOptions) -> Film:
        if path.name == "y.png" and not read.count(path):
            read.append(path)
            raise KeyboardInterrupt
        read.append(path)
        return read_film(path, options)

    monkeypatch.setattr("pipeline.tumour_finder.read_film", read_or_stop)
    arguments = [str(films), "--output-dir", str(tmp_path), "--device", "cpu"]
    assert infer(arguments) == 130
    assert not (tmp_path / "results.json").exists()
    # The header and two films.
    assert len((tmp_path / "results.json.journal").read_text().splitlines()) == 3
    del read[:3]

    assert infer([*arguments, "--resume"]) == 3
    # The one that could not be read is tried again.
    assert [path.name for path in read] == ["y.png", "bad.png", "y.png"]
    assert contents(tmp_path) == contents(whole)


def test_going_on_with_other_options_is_refused(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(path: Path, options: DicomOptions) -> Film:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.tumour_finder.read_film", stop)
    arguments = [str(films), "--output-dir", str(tmp_path), "--device", "cpu"]
    assert infer(arguments) == 130

    assert infer([*arguments, "--resume", "--operating-point", "sensitive"]) == 1
    assert "or with other options" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        [""],
        ["  "],
        ["film.png", ""],
        ["film.png", "--resume"],
        ["film.png", "--shard", "1/2"],
        ["film.png", "--shard", "1/2", "--json"],
        ["film.png", "--shard", "3/2", "--json"],
        ["film.png", "--shard", "1/2", "--output-dir", "o", "--dicom-sr", "sr"],
    ],
)
def test_what_makes_no_sense_is_a_usage_error(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLES[0], tmp_path / "film.png")

    with pytest.raises(SystemExit) as ended:
        infer(arguments)
    assert ended.value.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["film.png"]


def test_a_part_without_films_is_fine(films: Path, tmp_path: Path) -> None:
    film, output = str(films / "a" / "x.png"), str(tmp_path)
    arguments = ["--output-dir", output, "--picture-format", "jpg", "--device", "cpu"]
    for shard in ("1/2", "2/2"):
        assert infer([film, *arguments, "--shard", shard]) == 0

    assert merge([output, "--output", str(tmp_path / "all.json")]) == 0
    assert len(read_results(tmp_path / "all.json").images) == 1
    assert (tmp_path / "x_annotated.jpg").read_bytes()[:2] == b"\xff\xd8"
