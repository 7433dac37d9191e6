from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from classifier.crops.config import CropClassifierConfig
from classifier.whole_image.config import WholeImageConfig
from commands.command_line import command_module, command_parser
from commands.shared.shipped_files import find_shipped
from detector.config import DetectorConfig
from detector.members import DETECTOR_KINDS, members_of
from detector.model import build_detector
from formats.notice import NOTICE
from pipeline import study
from pipeline.methods import METHODS
from pipeline.two_stage import DEFAULT_DETECTOR
from training.config import load_config
from training.saving.checkpoint import load_checkpoint

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
    return study.setting_commands(FOLDER, ["--cases", "9", "--site-bias"], [])


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


def test_the_detectors_begin_from_the_embedded_one(commands: list[list[str]]) -> None:
    embedded = members_of(load_checkpoint(DEFAULT_DETECTOR, *DETECTOR_KINDS))[0].state
    for command in (command for command in commands if command[0] == "train-detector"):
        path = find_shipped(next(options(command, "--config")), ".yaml")
        settings = [word for word in command if "=" in word and not word.startswith("data.")]
        begun = build_detector(load_config(DetectorConfig, path, settings)).state_dict()
        own = {name for name, tensor in begun.items() if not torch.equal(tensor, embedded[name])}

        assert all(name.startswith("roi_heads.box_predictor.") for name in own)


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
    left = {str(study.WEIGHTS)}
    for command in commands:
        needed = [w.split("=")[-1] for w in command if w.endswith(".safetensors")]
        assert {str(Path(path).parent) for path in needed} <= left
        if "--output-dir" in command:
            folder = next(options(command, "--output-dir"))
            left |= {folder, f"{folder}/first", f"{folder}/second"}


def test_comparison_holds_each_settings_summary(tmp_path: Path) -> None:
    for setting in study.SETTINGS:
        report = tmp_path / setting / "report"
        report.mkdir(parents=True)
        (report / "summary.md").write_text(f"# Evaluation\n\n## Of {setting}\n", "utf-8")

    page = study.comparison_page(tmp_path)

    assert "## With site bias\n\n## Evaluation\n\n### Of with_site_bias\n" in page
    assert NOTICE in page
