"""Convert Mini-DDSM, either edition, to COCO files with a patient-wise split and a report."""

import argparse
from pathlib import Path

from commands.shared.conversion_output import say_conversion
from commands.shared.options import add_split

KEEP_OR_DROP = ("keep", "drop")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
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
    add_split(parser)
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


def run(arguments: argparse.Namespace) -> int:
    """Convert, and print the paths written; exit 3 when some films could not be read."""
    if arguments.root is None and not (arguments.metadata_only and arguments.metadata):
        raise argparse.ArgumentError(
            None, "--root is needed, unless --metadata-only reports on a given --metadata"
        )

    from converters.conversion import Settings, convert, report_on_tables
    from reports.conversion.page import write_conversion_page

    make = report_on_tables if arguments.metadata_only else convert
    settings = Settings(
        seed=arguments.seed,
        ratios=tuple(arguments.split),
        keep_unmarked_siblings=arguments.sibling_unmarked == "keep",
        keep_other_breasts=arguments.other_breast == "keep",
    )
    conversion = make(arguments.root, arguments.metadata, arguments.output_dir, settings)
    pages = write_conversion_page(conversion, arguments.root, arguments.output_dir)
    written = (*conversion.paths, *pages)
    return say_conversion(
        written, conversion.warnings, conversion.read_failures, "films, masks or folders"
    )
