"""Export annotations or results, and films, for COCO, YOLO, FiftyOne, CVAT and Label Studio."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from commands.shared.dicom_arguments import add_dicom_arguments, dicom_options
from commands.shared.options import add_coco_options

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
        type=_score,
        metavar="SCORE",
        help="of the results' boxes, leave out those below it, in 0..1 (default: 0, none)",
    )
    parser.add_argument(
        "--image-root", type=Path, required=True, help="folder that file names are relative to"
    )
    parser.add_argument("--format", choices=FORMATS, required=True, help="whose layout to write")
    parser.add_argument("--output-dir", type=Path, required=True, help="a new or an empty folder")
    add_coco_options(parser)
    add_dicom_arguments(parser)


def _score(text: str) -> float:
    score = float(text)
    if not 0 <= score <= 1:
        raise argparse.ArgumentTypeError(f"{text}: scores lie in 0..1")
    return score


def run(arguments: argparse.Namespace) -> int:
    """Export, and print the paths of the annotation files."""
    from converters.exports.exporting import export_annotations

    parts = data_sets(arguments)
    export = export_annotations(
        arguments.format,
        parts,
        arguments.image_root,
        arguments.output_dir,
        dicom_options(arguments),
    )
    for note in export.notes:
        print(f"{arguments.output_dir}: {note}", file=sys.stderr)
    for path in export.paths:
        print(path)
    return 0


def data_sets(arguments: argparse.Namespace) -> "dict[str, CocoDataset]":
    """Return what is exported, by the names of the files that it is read from.

    Raises:
        argparse.ArgumentError: two COCO files have one name, or an option is of the other source.
        InputError: a file cannot be read, or it names other films than those that are found.
    """
    from converters.exports.found_boxes import found_boxes, require_films_meant
    from formats.coco import coco_options, read_coco
    from formats.results import read_results

    _require_options_of_one_source(arguments)
    if arguments.results:
        results = read_results(arguments.results)
        require_films_meant(results, arguments.results, arguments.image_root)
        return {arguments.results.stem: found_boxes(results, arguments.lowest_score or 0.0)}
    names = [path.stem for path in arguments.coco]
    if len({name.casefold() for name in names}) < len(names):
        raise argparse.ArgumentError(None, f"--coco {' '.join(names)}: two parts of one name")
    options = coco_options(
        arguments.category_map, arguments.bbox_format, arguments.allow_lost_boxes
    )
    return {path.stem: read_coco(path, options, arguments.image_root) for path in arguments.coco}


def _require_options_of_one_source(arguments: argparse.Namespace) -> None:
    """Refuse options that would change nothing.

    Raises:
        argparse.ArgumentError: there is one.
    """
    if arguments.coco and arguments.lowest_score is not None:
        raise argparse.ArgumentError(None, "--lowest-score: is of --results, not of --coco")
    for_coco = {
        "--category-map": arguments.category_map is not None,
        "--bbox-format xyxy": arguments.bbox_format != "xywh",
        "--allow-lost-boxes": arguments.allow_lost_boxes,
    }
    given = [option for option, is_given in for_coco.items() if is_given]
    if arguments.results and given:
        raise argparse.ArgumentError(None, f"{given[0]}: is of --coco, not of --results")
