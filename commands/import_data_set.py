"""Import other people's annotations: COCO, YOLO, VOC, tables, and public data sets.

What is written is the same as of Mini-DDSM: COCO files with a patient-wise split and a quality
report. CBIS-DDSM, INbreast and mini-MIAS are read as they are published; CBIS-DDSM also in Kaggle's
JPEG edition.
"""

import argparse
from pathlib import Path

from commands.shared.conversion_output import say_conversion
from commands.shared.options import add_coco_options, add_split

FORMATS = ("coco", "yolo", "voc", "csv", "cbis-ddsm", "inbreast", "mini-mias")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "folder", type=Path, help="holds the films and their annotations, also in folders below"
    )
    parser.add_argument("--format", choices=FORMATS, required=True, help="what the folder holds")
    parser.add_argument("--output-dir", type=Path, required=True)
    parser.add_argument(
        "--case-pattern",
        default="",
        metavar="REGEX",
        help="how a film's name tells its patient, in a group named case, and maybe side and view: "
        r"'(?P<case>P_\d+)_(?P<side>LEFT|RIGHT)_(?P<view>CC|MLO)'",
    )
    add_split(parser)
    parser.add_argument(
        "--keep-split",
        action="store_true",
        help="the source's own parts instead; a patient of two parts goes to the first of them",
    )
    add_coco_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Import, and print the paths written; exit 3 when some inputs could not be read."""
    from converters.imports.importing import ImportSettings, import_data_set
    from formats.coco import coco_options
    from reports.conversion.import_page import write_import_page

    settings = ImportSettings(
        seed=arguments.seed,
        ratios=tuple(arguments.split),
        keep_split=arguments.keep_split,
        case_pattern=arguments.case_pattern,
        options=coco_options(
            arguments.category_map, arguments.bbox_format, arguments.allow_lost_boxes
        ),
    )
    conversion = import_data_set(arguments.format, arguments.folder, arguments.output_dir, settings)
    pages = write_import_page(conversion, arguments.folder, arguments.output_dir)
    written = (*conversion.paths, *pages)
    return say_conversion(
        written, conversion.warnings, conversion.read_failures, "films or annotations"
    )
