"""Compare methods on one COCO file: COCO, FROC and classification figures with 95 % intervals."""

import argparse
import sys
from pathlib import Path

from commands.shared.options import add_coco_options
from commands.shared.outputs import require_writable

RESAMPLES = 2000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--coco", type=Path, required=True, help="COCO file to evaluate on")
    parser.add_argument(
        "--results",
        type=Path,
        nargs="+",
        required=True,
        help="one a method: results files, or COCO results lists with the ids of --coco",
    )
    parser.add_argument("--output-dir", type=Path, required=True, help="folder of the report")
    parser.add_argument(
        "--image-root",
        type=Path,
        help="folder of the images: shows the worst errors, and compares films by their pixels",
    )
    parser.add_argument(
        "--other-splits",
        type=Path,
        nargs="+",
        metavar="COCO",
        help="other parts of the data set, to look for shared patients and films "
        "(default: train.json, val.json and test.json beside --coco)",
    )
    add_coco_options(parser)
    parser.add_argument(
        "--allow-leak",
        action="store_true",
        help="evaluate although other parts have the same patients or films; the report says so",
    )
    parser.add_argument(
        "--resamples", type=int, default=RESAMPLES, help=f"of patients (default: {RESAMPLES})"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the resamples (default: 0)")


def run(arguments: argparse.Namespace) -> int:
    """Print pycocotools' twelve lines for every method, write the report, print its paths."""
    if arguments.resamples < 1:
        raise argparse.ArgumentError(None, f"--resamples {arguments.resamples}: give at least 1")
    if arguments.seed < 0:
        raise argparse.ArgumentError(None, f"--seed {arguments.seed}: give one from 0 on")

    from evaluation.comparison import compare
    from formats.coco import coco_options
    from reports.evaluation.report import notes, write_report
    from reports.evaluation.wording import COCO_CLASSES

    require_writable(arguments.output_dir)
    comparison = compare(
        arguments.coco,
        arguments.results,
        arguments.other_splits,
        arguments.image_root,
        arguments.resamples,
        arguments.seed,
        coco_options(arguments.category_map, arguments.bbox_format, arguments.allow_lost_boxes),
        allow_leak=arguments.allow_leak,
    )
    paths = write_report(comparison, arguments.output_dir)
    for note in notes(comparison):
        print(f"{arguments.coco}: {note}", file=sys.stderr)
    for method in comparison.methods:
        for class_key, summary in method.summaries.items():
            print(f"{method.name}, {COCO_CLASSES[class_key]}\n{summary.text}")
    for path in paths:
        print(path)
    return 0
