"""Draw synthetic mammograms in Mini-DDSM's layout."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--output-dir", type=Path, required=True, help="a new or an empty folder")
    parser.add_argument(
        "--cases", type=int, required=True, help="patients with four views each; at least 3"
    )
    parser.add_argument("--seed", type=int, default=0, help="same seed, same bytes (default: 0)")
    parser.add_argument(
        "--site-bias",
        action="store_true",
        help="let the site letter show in the films and go with the label as in Mini-DDSM",
    )


def run(arguments: argparse.Namespace) -> int:
    """Draw the data set and print its folder."""
    from phantoms.data_set import make_phantoms

    make_phantoms(
        arguments.output_dir, arguments.cases, arguments.seed, site_bias=arguments.site_bias
    )
    print(arguments.output_dir)
    return 0
