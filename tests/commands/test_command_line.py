import argparse
import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from commands import __version__, command_line
from commands.command_line import COMMANDS, command_module, main, run_command
from formats.errors import InputError
from training.errors import NonFiniteLossError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def make_command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable], None]:
    """Let every command be one without options that does what is given."""

    def make(run: Callable[[argparse.Namespace], int]) -> None:
        module = ModuleType("made")
        module.add_arguments = lambda parser: None  # type: ignore[attr-defined]
        module.run = run  # type: ignore[attr-defined]
        monkeypatch.setattr(command_line, "command_module", lambda name: module)

    return make


def raising(error: BaseException) -> Callable[[argparse.Namespace], int]:
    def run(arguments: argparse.Namespace) -> int:
        raise error

    return run


def test_help_lists_every_command_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--help"])
    lines = capsys.readouterr().out.splitlines()

    assert exit_.value.code == 0
    listed = {line.split()[0]: line for line in lines if line.startswith("  ") and line.split()}
    for name in COMMANDS:
        first_line = (command_module(name).__doc__ or "").splitlines()[0]
        assert listed[name].endswith(f" {first_line}")


def test_every_tool_of_a_checkout_is_a_command() -> None:
    tools = {path.stem for path in (ROOT / "tools").glob("*.py")}

    assert tools == {command_module(name).__name__.split(".")[-1] for name in COMMANDS}


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--version"])

    assert exit_.value.code == 0
    assert capsys.readouterr().out == f"mammo {__version__}\n"


@pytest.mark.parametrize("words", [[], ["inferr"], ["infer"], ["infer", "--no-such-option", "x"]])
def test_wrong_usage_is_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(words)

    assert exit_.value.code == 2
    assert capsys.readouterr().err.startswith("usage: mammo")


@pytest.mark.parametrize("words", [["--output-dir", ""], ["--output-dir="], ["--detector", " "]])
def test_a_name_from_a_variable_that_is_not_set_is_wrong_usage(
    words: list[str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as exit_:
        main(["export", *words])

    assert exit_.value.code == 2
    assert "an empty name" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_usage_names_what_was_started(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["infer", "--help"])
    assert capsys.readouterr().out.startswith("usage: mammo infer ")

    tool = [sys.executable, str(ROOT / "tools" / "infer.py"), "--help"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(tool, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.startswith("usage: infer.py ")


def test_settings_may_stand_between_options(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[argparse.Namespace] = []
    command = command_module("train-detector")
    monkeypatch.setattr(command, "run", lambda arguments: seen.append(arguments) or 0)

    assert run_command("train-detector", ["a=1", "--config", "c", "b=2", "--output-dir", "o"]) == 0
    assert seen[0].overrides == ["a=1", "b=2"]


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (InputError("a.png: is empty; copy it again"), "error: a.png: is empty; copy it again\n"),
        (NonFiniteLossError("epoch 1: loss is nan"), "error: epoch 1: loss is nan\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "out/all.json"),
            "error: out/all.json: No space left on device; free some space, or write elsewhere\n",
        ),
        (OSError(errno.EIO, "Input/output error"), "error: Input/output error\n"),
        (
            PermissionError(errno.EACCES, "Permission denied", "o"),
            "error: o: Permission denied; check its permissions\n",
        ),
        (OSError("cannot\nwrite"), "error: cannot write\n"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_code_1(
    make_command: Callable, capsys: pytest.CaptureFixture[str], error: Exception, line: str
) -> None:
    make_command(raising(error))

    assert run_command("infer", []) == 1
    assert capsys.readouterr() == ("", line)


def test_a_fault_of_ours_keeps_its_traceback(make_command: Callable) -> None:
    make_command(raising(ZeroDivisionError()))

    with pytest.raises(ZeroDivisionError):
        run_command("infer", [])


def test_interruption_is_code_130(
    make_command: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    make_command(raising(KeyboardInterrupt()))

    assert run_command("infer", []) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_options_that_do_not_go_together_are_wrong_usage(make_command: Callable) -> None:
    make_command(raising(argparse.ArgumentError(None, "--a needs --b")))

    with pytest.raises(SystemExit) as exit_:
        run_command("infer", [])
    assert exit_.value.code == 2


def run_in_process(body: str) -> list[str]:
    """Return the words that run `evaluate` with another body of its `run`, as a process."""
    code = (
        "import sys; from commands import command_line, evaluate\n"
        f"def run(arguments):\n {body}\n return 0\n"
        "evaluate.run = run\n"
        "words = ['--coco', 'c', '--results', 'r', '--output-dir', 'o']\n"
        "sys.exit(command_line.run_command('evaluate', words))"
    )
    return [sys.executable, "-c", code]


def test_a_reader_that_has_left_is_no_complaint() -> None:
    # More than a pipe holds, so that writing meets the closed end.
    process = subprocess.Popen(
        run_in_process("for i in range(100_000): print('a line of text')"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()

    assert process.stderr.read() == b""
    assert process.wait(30) == 141
    process.stderr.close()


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_any_file_name_can_be_printed(encoding: str) -> None:
    done = subprocess.run(
        run_in_process("print('f\\xfclm_\\udce4.png')"),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        cwd=ROOT,
    )

    expected = "fülm_\\udce4.png\n" if encoding == "utf-8" else "f\\xfclm_\\udce4.png\n"
    assert done.stdout.decode() == expected
    assert done.stderr == b""
