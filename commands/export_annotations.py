"""Export annotations and films for other tools: COCO, YOLO, FiftyOne and CVAT."""

import argparse
import sys
from pathlib import Path

from commands.options import add_coco_options

FORMATS = ("coco", "yolo", "fiftyone", "cvat")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--coco",
        type=Path,
        nargs="+",
        required=True,
        metavar="FILE",
        help="COCO files, one a part of the split: each part is called as its file",
    )
    parser.add_argument("--image-root", type=Path, required=True)
    parser.add_argument("--format", choices=FORMATS, required=True, help="whose layout to write")
    parser.add_argument("--output-dir", type=Path, required=True, help="a new or an empty folder")
    add_coco_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Export, and print the paths of the annotation files."""
    from converters.exporting import export_annotations
    from formats.coco import coco_options, read_coco

    names = [path.stem for path in arguments.coco]
    if len(set(names)) < len(names):
        raise argparse.ArgumentError(None, f"--coco {' '.join(names)}: two parts of one name")
    options = coco_options(
        arguments.category_map, arguments.bbox_format, arguments.allow_lost_boxes
    )
    parts = {path.stem: read_coco(path, options, arguments.image_root) for path in arguments.coco}
    export = export_annotations(arguments.format, parts, arguments.image_root, arguments.output_dir)
    for note in export.notes:
        print(f"{arguments.output_dir}: {note}", file=sys.stderr)
    for path in export.paths:
        print(path)
    return 0
