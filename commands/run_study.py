"""Compare the four methods on synthetic mammograms, with and without a site bias.

Every step is one command of this project, shown before it runs. Synthetic films say nothing about
real ones.
"""

import argparse
import shlex
import subprocess
import sys
import time
from pathlib import Path

from commands.shared.exit_codes import FAILED
from formats.errors import InputError
from formats.whole_file import write_whole
from pipeline.study import SETTINGS, comparison_page, setting_commands


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--output-dir", type=Path, required=True, help="a new or an empty folder")
    parser.add_argument("--cases", type=int, default=160, help="synthetic patients (default: 160)")
    parser.add_argument("--seed", type=int, default=0, help="of the patients (default: 0)")
    parser.add_argument(
        "overrides",
        nargs="*",
        metavar="key=value",
        help="for every training, such as optimisation.epochs=1",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run every setting, and print the path of the comparison."""
    output_dir: Path = arguments.output_dir
    if output_dir.exists() and any(output_dir.iterdir()):
        raise InputError(f"{output_dir}: is not empty; name a new folder")
    for setting, bias in SETTINGS.items():
        phantoms = ["--cases", str(arguments.cases), "--seed", str(arguments.seed), *bias]
        for command in setting_commands(output_dir / setting, phantoms, arguments.overrides):
            if not run_step(command):
                return FAILED
    comparison = output_dir / "comparison.md"
    write_whole(comparison_page(output_dir).encode(), comparison)
    print(comparison)
    return 0


def run_step(command: list[str]) -> bool:
    """Show and run one command; its own output is progress. Say so when it fails."""
    shown = shlex.join(["mammo", *command])
    print(f"$ {shown}", file=sys.stderr)
    begin = time.monotonic()
    # -P: a folder that is called `commands`, where the study was started, is another one.
    program = [sys.executable, "-P", "-m", "commands"]
    code = subprocess.run([*program, *command], stdout=sys.stderr, check=False).returncode
    print(f"  {time.monotonic() - begin:.0f} s", file=sys.stderr)
    if code:
        print(f"error: exit code {code} of: {shown}", file=sys.stderr)
    return code == 0
