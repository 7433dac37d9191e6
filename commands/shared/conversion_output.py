"""What a conversion to COCO says at its end."""

import sys
from collections.abc import Iterable
from pathlib import Path

from commands.shared.exit_codes import SOME_INPUTS_FAILED


def say_conversion(
    paths: Iterable[Path], warnings: Iterable[str], read_failures: int, kinds: str
) -> int:
    """Print what was written and what the user should hear; return the exit code.

    Args:
        paths: of the files written.
        warnings: on standard error.
        read_failures: how many inputs could not be used.
        kinds: what these inputs may be, such as `films or annotations`.
    """
    for path in paths:
        print(path)
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if not read_failures:
        return 0
    print(
        f"{read_failures} {kinds} could not be used; the quality report names them",
        file=sys.stderr,
    )
    return SOME_INPUTS_FAILED
