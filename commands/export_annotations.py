"""Export annotations or results, and films, for COCO, YOLO, FiftyOne, CVAT and Label Studio."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from commands.options import add_coco_options

if TYPE_CHECKING:
    from formats.coco import CocoDataset

FORMATS = ("coco", "yolo", "fiftyone", "cvat", "label-studio")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--coco",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="COCO files, one a part of the split: each part is called as its file",
    )
    source.add_argument(
        "--results", type=Path, metavar="FILE", help="a results file, whose boxes are exported"
    )
    parser.add_argument(
        "--lowest-score",
        type=float,
        default=0.0,
        metavar="SCORE",
        help="of the results' boxes, leave out those below it (default: 0, none)",
    )
    parser.add_argument("--image-root", type=Path, required=True)
    parser.add_argument("--format", choices=FORMATS, required=True, help="whose layout to write")
    parser.add_argument("--output-dir", type=Path, required=True, help="a new or an empty folder")
    add_coco_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Export, and print the paths of the annotation files."""
    from converters.exporting import export_annotations

    parts = data_sets(arguments)
    export = export_annotations(arguments.format, parts, arguments.image_root, arguments.output_dir)
    for note in export.notes:
        print(f"{arguments.output_dir}: {note}", file=sys.stderr)
    for path in export.paths:
        print(path)
    return 0


def data_sets(arguments: argparse.Namespace) -> "dict[str, CocoDataset]":
    """Return what is exported, by the names of the files that it is read from.

    Raises:
        argparse.ArgumentError: two COCO files have one name.
        InputError: a file cannot be read.
    """
    from converters.found_boxes import found_boxes
    from formats.coco import coco_options, read_coco
    from formats.results import read_results

    if arguments.results:
        results = read_results(arguments.results)
        return {arguments.results.stem: found_boxes(results, arguments.lowest_score)}
    names = [path.stem for path in arguments.coco]
    if len(set(names)) < len(names):
        raise argparse.ArgumentError(None, f"--coco {' '.join(names)}: two parts of one name")
    options = coco_options(
        arguments.category_map, arguments.bbox_format, arguments.allow_lost_boxes
    )
    return {path.stem: read_coco(path, options, arguments.image_root) for path in arguments.coco}
