"""What `pip install .` brings, and that it works far from the checkout."""

import os
import shutil
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from commands import __version__

ROOT = Path(__file__).parents[1]
NOT_SOURCES = shutil.ignore_patterns(
    ".*", "build", "data", "runs", "*-output", "*.egg-info", "__pycache__"
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked as an installation is."""
    pytest.importorskip("setuptools", minversion="77")
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    # Building leaves files beside the sources.
    shutil.copytree(ROOT, source, ignore=NOT_SOURCES)
    build = "from setuptools.build_meta import build_wheel; import sys; build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=source, check=True, capture_output=True
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def mammo(installed: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the installed `mammo` in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-P", "-m", "commands", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def packages() -> set[str]:
    """The folders with sources, as paths below the checkout."""
    inits = ROOT.glob("[a-z]*/**/__init__.py")
    return {path.parent.relative_to(ROOT).as_posix() for path in inits}


def test_every_file_of_every_package_is_in_it(installed: Path) -> None:
    names = {path.relative_to(installed).as_posix() for path in installed.rglob("*.*")}

    assert {p.split("/")[0] for p in packages()} == {
        path.name for path in installed.iterdir() if path.suffix != ".dist-info"
    }
    for package in packages():
        sources = (p.relative_to(ROOT).as_posix() for p in (ROOT / package).glob("*.py"))
        assert names.issuperset(sources)
        assert f"{package.split('/')[0]}/py.typed" in names
    for folder, pattern in (
        ("configs", "*.yaml"),
        ("configs", "*.txt"),
        ("pipeline/weights", "*"),
        ("reports/templates", "*"),
        ("serving/page", "*"),
    ):
        data = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).glob(pattern)}
        assert data
        assert names >= data


def test_there_is_no_package_tools(installed: Path) -> None:
    assert not (installed / "tools").exists()
    assert not (installed / "tests").exists()


def test_it_has_the_command_and_the_version(installed: Path) -> None:
    (info,) = installed.glob("*.dist-info")
    metadata = message_from_string((info / "METADATA").read_text(encoding="utf-8"))

    assert metadata["Version"] == __version__
    assert (info / "entry_points.txt").read_text().split("\n")[:2] == [
        "[console_scripts]",
        "mammo = commands.command_line:main",
    ]


def test_a_film_is_read_from_another_folder(installed: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "benign_mass.png", tmp_path / "film.png")

    done = mammo(installed, tmp_path, "infer", "film.png", "--device", "cpu")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("film.png: ")
    assert " box " in done.stdout


def test_a_configuration_is_found_from_another_folder(installed: Path, tmp_path: Path) -> None:
    command = ("train-detector", "--config", "detector_torchvision", "--output-dir", "run")

    # Read, and found to lack the data.
    done = mammo(installed, tmp_path, *command)

    assert done.returncode == 1
    assert done.stderr.startswith("error: data.train_coco is not set")


def test_the_study_starts_its_commands_from_another_folder(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "commands").mkdir()
    (tmp_path / "commands" / "__init__.py").write_text("raise RuntimeError('not this one')")

    done = mammo(installed, tmp_path, "run-study", "--output-dir", "study", "--cases", "1")

    assert done.returncode == 1
    assert "$ mammo make-phantoms" in done.stderr
    assert "at least 3" in done.stderr
