"""From words to an exit code: what `mammo COMMAND` and each file in tools/ have in common.

A command is a module of this package with a docstring, whose first line `mammo --help` shows,
`add_arguments`, and `run`, which may raise `argparse.ArgumentError` for options that do not go
together. It loads what is heavy in `run`, so that help comes at once.
"""

import argparse
import errno
import importlib
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType, ModuleType

from commands import __version__
from commands.shared.exit_codes import FAILED, PIPE_CLOSED, SIGNALLED
from formats.errors import InputError, InputFaultsError, Interrupted
from formats.notice import NOTICE
from training.errors import NonFiniteLossError, ResourceError

COMMANDS = (
    "infer",
    "serve",
    "merge",
    "convert-mini-ddsm",
    "import",
    "export-annotations",
    "export",
    "split-coco",
    "make-phantoms",
    "train-detector",
    "train-classifier",
    "merge-detectors",
    "calibrate",
    "predict",
    "evaluate",
    "run-study",
)


# Of commands whose names Python keeps for itself.
MODULES = {"import": "import_data_set"}
# What to do about an error of the operating system.
ADVICE = {
    errno.ENOSPC: "free some space, or write elsewhere",
    errno.EDQUOT: "free some space, or write elsewhere",
    errno.EACCES: "check its permissions",
    errno.EROFS: "write elsewhere",
    errno.EEXIST: "a file stands where a folder is needed; name another",
    errno.ENOTDIR: "a file stands where a folder is needed; name another",
    errno.ENAMETOOLONG: "give a shorter name",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run `mammo` and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] not in COMMANDS:
        # Ends the program: with help, the version, or what is wrong.
        overview_parser().parse_args(words[:1])
    return run_command(words[0], words[1:], program=f"mammo {words[0]}")


def run_command(name: str, argv: Sequence[str] | None = None, *, program: str | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        name: one of `COMMANDS`.
        argv: the words after the command's name; those of this process if none are given.
        program: what usage lines call it; the started file's name if none is given.
    """
    command = command_module(name)
    parser = command_parser(command, program)
    words = sys.argv[1:] if argv is None else argv
    if any(not word.strip() or (word.startswith("--") and word.endswith("=")) for word in words):
        parser.error(
            "an empty name (. is the current folder); check that the variable which it comes from "
            "is set"
        )
    arguments = parser.parse_intermixed_args(words)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # File names may hold what the terminal's encoding, or any, has no sign for.
            stream.reconfigure(errors="backslashreplace")
    try:
        with termination_interrupts():
            code = command.run(arguments)
            sys.stdout.flush()
    except argparse.ArgumentError as error:
        parser.error(str(error))
    except KeyboardInterrupt as error:
        print(": ".join(filter(None, ["interrupted", str(error)])), file=sys.stderr)
        return SIGNALLED + getattr(error, "signal_number", signal.SIGINT)
    except BrokenPipeError:
        # Python flushes once more at its end, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except (InputError, NonFiniteLossError, ResourceError, OSError) as error:
        print(f"error: {describe_error(error)}", file=sys.stderr)
        return FAILED
    except MemoryError as error:
        told = f"out of memory ({describe_error(error)})"
        print(f"error: {told}; close other programs, or give smaller files", file=sys.stderr)
        return FAILED
    return code


@contextmanager
def termination_interrupts() -> Iterator[None]:
    """Let SIGTERM end the work as Ctrl-C does: nothing half written stays."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted(number)


def command_module(name: str) -> ModuleType:
    """Return the module of a command."""
    module = MODULES.get(name, name.replace("-", "_"))
    return importlib.import_module(f"commands.{module}")


def command_parser(command: ModuleType, program: str | None = None) -> argparse.ArgumentParser:
    """Return a command's parser; `parse_intermixed_args` lets settings stand between options."""
    parser = argparse.ArgumentParser(
        prog=program,
        description=command.__doc__,
        epilog=NOTICE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_arguments(parser)
    return parser


def overview_parser() -> argparse.ArgumentParser:
    """Return the parser of `mammo` without a command."""
    lines = [f"  {name:18} {summary(command_module(name))}" for name in COMMANDS]
    parser = argparse.ArgumentParser(
        prog="mammo",
        description="Finds breast tumours on mammograms and names them Benign or Cancer."
        f"\n\n{NOTICE}",
        epilog="\n".join(["commands:", *lines, "", "mammo COMMAND --help tells more."]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"mammo {__version__}")
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="one of those below")
    return parser


def summary(command: ModuleType) -> str:
    """Return a command's purpose in one line."""
    return (command.__doc__ or "").partition("\n")[0]


def describe_error(error: Exception) -> str:
    """Return one line, a list's own lines; of the operating system's errors, without numbers."""
    if isinstance(error, InputFaultsError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        advice = ADVICE.get(error.errno or 0)
        return place + error.strerror + (f"; {advice}" if advice else "")
    return " ".join(str(error).split("\n"))
