"""Put the parts of a run together that --shard split: the same files as one run's.

What stands beside the parts comes with them: COCO's results list, and the table of `mammo infer`.
Annotated films and crops need no merging; their names are those of one run.
"""

import argparse
from pathlib import Path

from commands.shared.exit_codes import SOME_INPUTS_FAILED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "parts",
        nargs="+",
        type=Path,
        metavar="PART|DIR",
        help="results files of parts, such as results.part1of3.json, or folders of them",
    )
    parser.add_argument(
        "--output",
        type=Path,
        help="results file to write (default: beside the parts, without their numbers)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the whole and print its path; exit 3 when films claim to be the same view."""
    import logging

    from commands.shared.outputs import require_new_files
    from pipeline.many_films.merging import merge_parts, merged_path, part_paths

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    paths = part_paths(arguments.parts)
    output = arguments.output or merged_path(paths)
    if output is None:
        raise argparse.ArgumentError(
            None, "--output: needed where the parts are in different folders or named differently"
        )
    require_new_files([output], paths)
    failures = merge_parts(paths, output)
    for failure in failures:
        logging.error("error: %s", failure)
    print(output)
    return SOME_INPUTS_FAILED if failures else 0
