from functools import partial
from pathlib import Path

import pytest
from made_rows import make_dataset, make_results

from commands.command_line import run_command
from formats.coco import write_coco
from formats.results import Results, write_results

main = partial(run_command, "evaluate")

CASES = [("A_1", "LEFT", "Cancer"), ("B_1", "LEFT", "Normal"), ("B_2", "LEFT", "Benign")]
DATASET = make_dataset(CASES)


def arguments(folder: Path, results: Results) -> list[str]:
    write_coco(DATASET, folder / "test.json")
    write_results(results, folder / "results.json")
    return [
        *("--coco", str(folder / "test.json"), "--results", str(folder / "results.json")),
        *("--output-dir", str(folder / "report"), "--resamples", "5"),
    ]


def test_report_is_written_and_the_twelve_lines_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(arguments(tmp_path, make_results(DATASET, "two_stage", 0)))
    out = capsys.readouterr().out

    assert code == 0
    assert out.count("Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all") == 4
    assert out.splitlines()[0] == "two_stage, Tumour"
    paths = [Path(line) for line in out.splitlines()[-3:]]
    assert [path.name for path in paths] == ["report.html", "summary.md", "report.json"]
    assert all(path.is_file() for path in paths)


def test_missing_images_are_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = make_results(DATASET, "two_stage", 0)
    code = main(
        arguments(tmp_path, Results(method=whole.method, models=[], images=whole.images[1:]))
    )

    assert code == 1
    assert "1 of 6 images" in capsys.readouterr().err
    assert not (tmp_path / "report").exists()


def test_results_of_images_that_are_not_evaluated_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = make_results(make_dataset([*CASES, ("B_9", "LEFT", "Benign")]), "two_stage", 0)

    assert main(arguments(tmp_path, more)) == 0
    assert "results of 2 images that are not in test.json are left out" in capsys.readouterr().err


def test_no_resamples_are_a_usage_error(tmp_path: Path) -> None:
    given = arguments(tmp_path, make_results(DATASET, "two_stage", 0))

    with pytest.raises(SystemExit) as exit_:
        main([*given[:-1], "0"])
    assert exit_.value.code == 2


def test_a_negative_seed_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = arguments(tmp_path, make_results(DATASET, "two_stage", 0))

    with pytest.raises(SystemExit) as exit_:
        main([*given, "--seed", "-1"])
    assert exit_.value.code == 2
    assert "--seed -1: give one from 0 on" in capsys.readouterr().err
