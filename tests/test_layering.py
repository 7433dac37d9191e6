"""Imports run one way, from room to room as `MAY_IMPORT` says."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.command_line import COMMANDS

ROOT = Path(__file__).parents[1]
ROOMS_BELOW = {"training", "detector", "classifier", "evaluation", "formats"}
MAY_IMPORT = {
    "formats": set(),
    "converters": {"formats"},
    "phantoms": {"formats", "converters"},
    "training": {"formats"},
    "detector": {"training", "formats"},
    "classifier": {"training", "formats"},
    "evaluation": {"formats"},
    "reports": {"evaluation", "converters", "formats"},
    "pipeline": ROOMS_BELOW | {"reports", "converters"},
    "serving": ROOMS_BELOW | {"pipeline", "converters", "phantoms", "reports"},
    "commands": ROOMS_BELOW | {"pipeline", "converters", "phantoms", "reports", "serving"},
    "configs": set(),
    "tools": {"commands"},
}
WITHOUT_TORCH = ["formats", "converters", "phantoms", "evaluation", "reports"]
PACKAGES = sorted(MAY_IMPORT)
HEAVY = {"numpy", "torch", "pandas", "cv2", "omegaconf"}
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


def test_the_two_classifiers_do_not_know_each_other() -> None:
    rooms = {"classifier.crops", "classifier.whole_image"}
    for path in (ROOT / "classifier").rglob("*.py"):
        if path == ROOT / "classifier" / "tasks.py":
            continue
        own = ".".join(path.relative_to(ROOT).parts[:2])
        known = {".".join(name.split(".")[:2]) for name in imported_modules(path)} & rooms
        assert known <= {own}, path


@pytest.mark.parametrize("package", WITHOUT_TORCH)
def test_what_needs_no_network_knows_no_torch(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        assert not any(m.split(".")[0].startswith("torch") for m in imported_modules(path)), path


@pytest.mark.parametrize(
    ("library", "file"),
    [
        ("detectron2", "detector/detectron2_rcnn.py"),
        ("onnx", "training/networks/onnx_graph.py"),
        ("onnxruntime", "training/networks/onnx_graph.py"),
        ("ray", "pipeline/many_films/ray_run.py"),
    ],
)
def test_one_file_knows_what_users_may_leave_out(library: str, file: str) -> None:
    knowing = [
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if any(m.split(".")[0] == library for m in imported_modules(path))
    ]
    assert knowing == [file]


def test_loading_the_pipeline_needs_no_onnx() -> None:
    code = (
        "import pipeline.two_stage, pipeline.exporting, sys; "
        "assert not {'onnx', 'onnxruntime'} & set(sys.modules)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize("tool", TOOLS, ids=lambda path: path.stem)
def test_help_loads_nothing_heavy(tool: Path) -> None:
    code = (
        f"import runpy, sys; sys.argv = ['tool', '--help']\n"
        f"try: runpy.run_path({str(tool)!r}, run_name='__main__')\n"
        "except SystemExit as end: assert end.code == 0\n"
        f"assert not {HEAVY} & set(sys.modules)"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("usage:")


@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS)], ids=" ".join)
def test_help_of_the_installed_command_loads_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys; from commands.command_line import main\n"
        f"try: main([*{words}, '--help'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        f"assert not {HEAVY} & set(sys.modules)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("usage: mammo")


@pytest.mark.parametrize("package", sorted(MAY_IMPORT.keys() - {"tools"}))
def test_no_package_speaks_of_the_files_in_tools(package: str) -> None:
    for path in (ROOT / package).rglob("*.[pyj]*"):
        if path.suffix in {".py", ".yaml", ".jinja"}:
            assert "tools/" not in path.read_text(encoding="utf-8").replace("in tools/", ""), path


@pytest.mark.parametrize(
    ("module", "heavy"),
    [("reports.evaluation.report", "torch"), ("pipeline.tumour_finder", "pandas")],
)
def test_what_is_heavy_is_left_where_it_is_not_needed(module: str, heavy: str) -> None:
    code = f"import {module}, sys; assert {heavy!r} not in sys.modules"
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert finished.returncode == 0, finished.stderr


def test_no_benchmark_hides_a_package() -> None:
    # The folder of a started file comes first where Python looks for modules.
    assert not {path.stem for path in (ROOT / "benchmarks").glob("*.py")} & set(MAY_IMPORT)
