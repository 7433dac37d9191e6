from collections.abc import Iterator
from pathlib import Path

import pytest

from classifier.crops.config import CropClassifierConfig
from classifier.whole_image.config import WholeImageConfig
from commands import run_study
from commands.command_line import command_module, command_parser, run_command
from commands.shipped_files import find_shipped
from detector.config import DetectorConfig
from pipeline.methods import METHODS
from training.config import load_config

FOLDER = Path("study")
SCHEMAS = {
    "classifier_crops": CropClassifierConfig,
    "detector_names_class": DetectorConfig,
    "detector_torchvision": DetectorConfig,
    "whole_image_hierarchical": WholeImageConfig,
    "whole_image_single": WholeImageConfig,
}


@pytest.fixture(scope="module")
def commands() -> list[list[str]]:
    return run_study.setting_commands(FOLDER, ["--cases", "9", "--site-bias"], [])


def options(command: list[str], name: str) -> Iterator[str]:
    for word in command[command.index(name) + 1 :]:
        if word.startswith("--"):
            return
        yield word


def test_every_command_is_one_that_its_tool_understands(commands: list[list[str]]) -> None:
    for name, *arguments in commands:
        command_parser(command_module(name)).parse_intermixed_args(arguments)


def test_every_training_setting_is_known(commands: list[list[str]]) -> None:
    trainings = [command for command in commands if command[0].startswith("train-")]
    configs = [find_shipped(next(options(command, "--config")), ".yaml") for command in trainings]

    assert sorted(path.stem for path in configs) == sorted(SCHEMAS)
    for path, command in zip(configs, trainings, strict=True):
        settings = [word for word in command if "=" in word]
        assert load_config(SCHEMAS[path.stem], path, settings).optimisation.epochs > 0


def test_every_method_is_predicted_and_evaluated_on_the_test_part(
    commands: list[list[str]],
) -> None:
    predictions = [command for command in commands if command[0] == "predict"]
    written = [path for command in predictions for path in options(command, "--output")]

    assert {name for command in predictions for name in options(command, "--method")} == set(
        METHODS
    )
    assert list(options(commands[-1], "--results")) == written
    for command in (*predictions, commands[-1]):
        assert list(options(command, "--coco")) == ["study/coco/test.json"]


def test_checkpoints_are_read_where_an_earlier_command_leaves_them(
    commands: list[list[str]],
) -> None:
    left = {str(run_study.WEIGHTS)}
    for command in commands:
        needed = [w.split("=")[-1] for w in command if w.endswith(".safetensors")]
        assert {str(Path(path).parent) for path in needed} <= left
        if "--output-dir" in command:
            folder = next(options(command, "--output-dir"))
            left |= {folder, f"{folder}/first", f"{folder}/second"}


def test_a_failing_command_stops_the_study(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"

    assert run_command("run-study", ["--output-dir", str(folder), "--cases", "1"]) == 1
    assert "error: exit code 1 of: mammo make-phantoms" in capfd.readouterr().err
    assert not folder.exists()


def test_a_folder_in_use_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")

    assert run_command("run-study", ["--output-dir", str(tmp_path)]) == 1
    assert "is not empty" in capsys.readouterr().err


def test_comparison_holds_each_settings_summary(tmp_path: Path) -> None:
    for setting in run_study.SETTINGS:
        report = tmp_path / setting.replace(" ", "_") / "report"
        report.mkdir(parents=True)
        (report / "summary.md").write_text(f"# Evaluation\n\n## Of {setting}\n", "utf-8")

    page = run_study.compare(tmp_path)

    assert "## With site bias\n\n## Evaluation\n\n### Of with site bias\n" in page
    assert "not a medical device" in page
