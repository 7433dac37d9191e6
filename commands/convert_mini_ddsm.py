"""Convert Mini-DDSM, either edition, to COCO files with a patient-wise split and a report."""

import argparse
import sys
from pathlib import Path

SOME_INPUTS_FAILED = 3
KEEP_OR_DROP = ("keep", "drop")


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="the folder that holds Benign, Cancer and Normal")
    parser.add_argument("--output-dir", type=Path, required=True)
    parser.add_argument(
        "--metadata",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="the tables, csv or xlsx (default: those in the root; "
        "Data-MoreThanTwoMasks.xlsx below the root is always added)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the split (default: 0)")
    parser.add_argument(
        "--split",
        type=float,
        nargs=3,
        default=(0.7, 0.15, 0.15),
        metavar=("TRAIN", "VAL", "TEST"),
        help="shares of the patients (default: 0.7 0.15 0.15)",
    )
    parser.add_argument(
        "--sibling-unmarked",
        choices=KEEP_OR_DROP,
        default="drop",
        help="unmarked views of a breast whose other view is marked: keep as Normal, or drop, as "
        "the lesion is most likely there too (default: drop)",
    )
    parser.add_argument(
        "--other-breast",
        choices=KEEP_OR_DROP,
        default="keep",
        help="unmarked breasts in Benign and Cancer cases: keep as Normal, or drop (default: "
        "keep, as without them the scanner gives the label away)",
    )
    parser.add_argument(
        "--metadata-only", action="store_true", help="report on the tables; open no image"
    )
    arguments = parser.parse_args(argv)
    if arguments.root is None and not (arguments.metadata_only and arguments.metadata):
        parser.error("--root is needed, unless --metadata-only reports on a given --metadata")
    return arguments


def main(argv: list[str] | None = None) -> int:
    """Convert, and print the paths written."""
    arguments = parse_arguments(argv)

    from converters.conversion import Settings, convert, report_on_tables
    from formats.errors import InputError

    run = report_on_tables if arguments.metadata_only else convert
    settings = Settings(
        seed=arguments.seed,
        ratios=tuple(arguments.split),
        keep_unmarked_siblings=arguments.sibling_unmarked == "keep",
        keep_other_breasts=arguments.other_breast == "keep",
    )
    try:
        outcome = run(arguments.root, arguments.metadata, arguments.output_dir, settings)
    except (InputError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for path in outcome.paths:
        print(path)
    for warning in outcome.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if outcome.read_failures:
        print(
            f"{outcome.read_failures} films, masks or folders could not be used; "
            "the quality report names them",
            file=sys.stderr,
        )
        return SOME_INPUTS_FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
