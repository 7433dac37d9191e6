"""Split a COCO file into train.json and val.json by a list of validation patients."""

import argparse
from pathlib import Path

from commands.shared.options import add_coco_options
from commands.shared.outputs import require_new_files
from commands.shared.shipped_files import find_shipped


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--coco", type=Path, required=True, help="COCO file with a case_id an image"
    )
    parser.add_argument(
        "--validation-patients",
        required=True,
        metavar="FILE",
        help="text file, one case_id a line, or the name of one that comes with this project, "
        "such as cbis_ddsm_validation_patients",
    )
    parser.add_argument("--output-dir", type=Path, required=True)
    parser.add_argument(
        "--image-root", type=Path, help="folder of the images, for sizes that the file lacks"
    )
    add_coco_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write both parts and print their paths."""
    from converters.patient_list import read_patient_list, split_by_patients
    from formats.coco import coco_options, read_coco, write_coco

    paths = [arguments.output_dir / f"{name}.json" for name in ("train", "val")]
    patients_path = find_shipped(arguments.validation_patients, ".txt")
    require_new_files(paths, [arguments.coco, patients_path])
    options = coco_options(
        arguments.category_map, arguments.bbox_format, arguments.allow_lost_boxes
    )
    dataset = read_coco(arguments.coco, options, arguments.image_root)
    parts = split_by_patients(dataset, read_patient_list(patients_path))
    for part, path in zip(parts, paths, strict=True):
        write_coco(part, path)
    for path in paths:
        print(path)
    return 0
