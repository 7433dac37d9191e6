"""What the Dockerfile copies, installs and starts is there."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.command_line import command_module, command_parser

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
IGNORED_ANYWHERE = shutil.ignore_patterns("__pycache__")
CODE = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def instructions(name: str) -> list[str]:
    """What follows each instruction of a name."""
    lines = re.findall(rf"^{name} (.+)$", DOCKERFILE, re.MULTILINE)
    assert lines, name
    return lines


def sent_to_the_builder() -> list[Path]:
    """What .dockerignore lets through."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [ROOT / line.removeprefix("!") for line in lines if line.startswith("!")]


def run_words() -> Iterator[list[str]]:
    """The words after the image's name of each `docker run` on the page."""
    for code in CODE.findall((ROOT / "docs" / "docker.md").read_text(encoding="utf-8")):
        for line in code.splitlines():
            words = shlex.split(line)
            if words[:2] == ["docker", "run"]:
                yield words[words.index("mammo") + 1 :]


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """The files that the builder gets."""
    folder = tmp_path / "context"
    folder.mkdir()
    for path in sent_to_the_builder():
        if path.is_dir():
            shutil.copytree(path, folder / path.name, ignore=IGNORED_ANYWHERE)
        else:
            shutil.copy(path, folder)
    return folder


def test_all_that_is_copied_is_sent_to_the_builder() -> None:
    sent = sent_to_the_builder()

    assert all(path.exists() for path in sent)
    for words in instructions("COPY"):
        *sources, _ = words.split()
        assert all(source == "." or ROOT / source in sent for source in sources)


def test_what_is_sent_builds_the_whole_wheel(context: Path, tmp_path: Path) -> None:
    pytest.importorskip("setuptools", minversion="77")
    build = "from setuptools.build_meta import build_wheel; import sys; build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)], cwd=context, check=True, capture_output=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    included = config["options.packages.find"]["include"].split()
    packages = {line for line in included if re.fullmatch(r"[a-z]+", line)}
    assert packages
    assert {name.split("/")[0] for name in names if "dist-info" not in name} == packages
    assert "pipeline/weights/detector.safetensors" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_it_starts_the_command_that_is_installed() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    scripts = config["options.entry_points"]["console_scripts"].split()

    (entry,) = instructions("ENTRYPOINT")
    assert json.loads(entry) == [scripts[0]]


def test_it_does_not_run_as_root() -> None:
    (user,) = instructions("USER")

    assert user != "root"
    assert any(f"useradd --create-home {user}" in line for line in instructions("RUN"))
    assert DOCKERFILE.index("\nUSER ") > DOCKERFILE.rindex("\nRUN ")


def test_the_page_starts_commands_that_there_are() -> None:
    given = list(run_words())

    assert {words[0] for words in given} == {"infer", "serve"}
    for words in given:
        # Unknown options end the process.
        command_parser(command_module(words[0])).parse_intermixed_args(words[1:])
