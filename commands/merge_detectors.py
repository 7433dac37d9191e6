"""Make one detector of several, which looks with each and merges their boxes.

It has to be calibrated anew: its scores are the mean of theirs.
"""

import argparse
from pathlib import Path

from commands.shared.outputs import require_new_files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "detectors", type=Path, nargs="+", help="trained checkpoints of the same classes"
    )
    parser.add_argument("--output", type=Path, required=True, help="the merged checkpoint")


def run(arguments: argparse.Namespace) -> int:
    """Write the merged checkpoint and print its path."""
    from detector.merged import merge_detectors
    from training.saving.checkpoint import save_checkpoint

    require_new_files([arguments.output], arguments.detectors)
    save_checkpoint(merge_detectors(arguments.detectors), arguments.output)
    print(arguments.output)
    return 0
