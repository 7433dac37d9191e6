"""The page about annotations shows code that runs as it stands."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from commands.command_line import command_module, command_parser

PAGE = (Path(__file__).parents[1] / "docs" / "annotations.md").read_text(encoding="utf-8")


def test_the_block_for_fiftyone_opens_what_the_command_above_it_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = Mock()
    types = SimpleNamespace(COCODetectionDataset=object())
    fiftyone = SimpleNamespace(Dataset=opened, types=types, launch_app=Mock())
    monkeypatch.setitem(sys.modules, "fiftyone", fiftyone)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    exec(compile(code, "docs/annotations.md", "exec"), {})

    opened.from_dir.assert_called_once_with(
        dataset_dir="fiftyone/results", dataset_type=types.COCODetectionDataset
    )
    fiftyone.launch_app.assert_called_once_with(opened.from_dir.return_value)


def test_its_exports_are_commands_that_are_understood() -> None:
    lines = PAGE.replace("\\\n", " ").splitlines()
    commands = [line.split()[2:] for line in lines if line.startswith("mammo export-annotations ")]
    parser = command_parser(command_module("export-annotations"), None)

    assert len(commands) == 4
    for words in commands:
        parser.parse_args(words)
