"""Run a method on every image of a COCO file and write its results file."""

import argparse
import sys
from pathlib import Path

from commands.dicom_arguments import add_dicom_arguments, dicom_options

METHOD_NAMES = ("single", "hierarchical", "detector", "two_stage")


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--method",
        choices=METHOD_NAMES,
        default="two_stage",
        help="a whole-image classifier; two of them in turn; a detector that names the class; "
        "detect, then classify (default)",
    )
    parser.add_argument("--coco", type=Path, required=True)
    parser.add_argument("--image-root", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True, help="results file to write")
    parser.add_argument("--detector", type=Path, help="checkpoint; two_stage has an embedded one")
    parser.add_argument(
        "--classifier",
        type=Path,
        nargs="+",
        default=[],
        metavar="CHECKPOINT",
        help="two_stage has an embedded one; hierarchical takes two, Normal/Tumour first",
    )
    parser.add_argument(
        "--operating-point",
        default="balanced",
        help="balanced or sensitive; decides the label of an image",
    )
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    add_dicom_arguments(parser)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Predict, and print the path of the results; exit 3 when some images could not be read."""
    arguments = parse_arguments(argv)

    from formats.coco import read_coco
    from formats.errors import InputError
    from pipeline.data_set import predict_dataset
    from pipeline.methods import MethodFiles, load_method
    from pipeline.two_stage import choose_device

    files = MethodFiles(arguments.detector, arguments.classifier, arguments.operating_point)
    try:
        dataset = read_coco(arguments.coco)
        method = load_method(arguments.method, files, choose_device(arguments.device))
        failures = predict_dataset(
            method, dataset, arguments.image_root, arguments.output, dicom_options(arguments)
        )
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    print(arguments.output)
    return 3 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
