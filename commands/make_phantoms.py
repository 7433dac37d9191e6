"""Draw synthetic mammograms in Mini-DDSM's layout."""

import argparse
import sys
from pathlib import Path


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
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
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Draw the data set and print its folder."""
    arguments = parse_arguments(argv)

    from formats.errors import InputError
    from phantoms.data_set import make_phantoms

    try:
        make_phantoms(
            arguments.output_dir, arguments.cases, arguments.seed, site_bias=arguments.site_bias
        )
    except (InputError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(arguments.output_dir)
    return 0


if __name__ == "__main__":
    sys.exit(main())
