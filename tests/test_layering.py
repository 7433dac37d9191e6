"""Imports run one way: tools -> pipeline -> detector, classifier -> training -> converters."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "converters": set(),
    "training": {"converters"},
    "detector": {"training", "converters"},
    "classifier": {"training", "converters"},
    "pipeline": {"detector", "classifier", "training", "converters"},
    "tools": {"pipeline", "detector", "classifier", "training", "converters"},
}
PACKAGES = sorted(MAY_IMPORT)
TOOLS = sorted((ROOT / "tools").glob("*.py"))


def imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_run_one_way(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        own = {name.split(".")[0] for name in imported_modules(path)} & set(MAY_IMPORT)
        assert own <= MAY_IMPORT[package] | {package}, path


def test_converters_know_no_torch() -> None:
    for path in (ROOT / "converters").rglob("*.py"):
        assert not any(m.split(".")[0].startswith("torch") for m in imported_modules(path)), path


def test_one_file_knows_detectron2() -> None:
    knowing = [
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if any(m.split(".")[0] == "detectron2" for m in imported_modules(path))
    ]
    assert knowing == ["detector/detectron2_rcnn.py"]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda path: path.stem)
def test_help_loads_nothing_heavy(tool: Path) -> None:
    code = (
        f"import runpy, sys; sys.argv = ['tool', '--help']\n"
        f"try: runpy.run_path({str(tool)!r}, run_name='__main__')\n"
        "except SystemExit as end: assert end.code == 0\n"
        "assert not {'numpy', 'torch', 'pandas', 'cv2'} & set(sys.modules)"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("usage:")


def test_rebuilding_a_report_needs_no_torch() -> None:
    code = "import pipeline.report, sys; assert 'torch' not in sys.modules"
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert finished.returncode == 0, finished.stderr
