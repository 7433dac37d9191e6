"""Give a trained pair its operating points, and its crop classifier a temperature.

Both are read off the validation part. A detector that names the class itself comes alone. With
--fit-boxes, nothing but a box convention is read off, and only the detector is written.
"""

import argparse
from pathlib import Path

from commands.options import add_device


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--detector", type=Path, required=True, help="trained checkpoint")
    parser.add_argument(
        "--classifier", type=Path, help="trained checkpoint; none for a detector that names classes"
    )
    parser.add_argument("--coco", type=Path, required=True, help="COCO file of the validation part")
    parser.add_argument("--image-root", type=Path, required=True)
    parser.add_argument(
        "--output-dir", type=Path, required=True, help="for the finished checkpoints"
    )
    parser.add_argument(
        "--fit-boxes",
        metavar="NAME",
        help="fit how found boxes have to grow or shrink to be drawn as in this COCO file, and "
        "save it under this name in the detector, for --box-convention",
    )
    parser.add_argument(
        "--half-precision",
        action="store_true",
        help="store the weights of a pair in 16 bits, half the size, and calibrate them so",
    )
    add_device(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the finished checkpoints and print what was read off, as JSON."""
    import json
    import logging
    from dataclasses import asdict

    from formats.coco import read_coco
    from pipeline.box_fitting import fit_boxes_of_checkpoint
    from pipeline.calibration import calibrate_checkpoints, calibrate_class_naming_checkpoint
    from reports.reliability_figure import draw_before_and_after
    from training.checkpoint import StoredDtype
    from training.device import choose_device

    logging.basicConfig(level=logging.WARNING, format="%(message)s")

    device = choose_device(arguments.device)
    data = read_coco(arguments.coco), arguments.image_root, arguments.output_dir, device
    if arguments.fit_boxes:
        fitted = fit_boxes_of_checkpoint(
            arguments.fit_boxes, arguments.detector, arguments.classifier, *data
        )
        document: dict[str, object] = asdict(fitted)
    elif arguments.classifier is None:
        points = calibrate_class_naming_checkpoint(arguments.detector, *data)
        document = {"operating_points": {name: asdict(p) for name, p in points.items()}}
    else:
        calibration = calibrate_checkpoints(
            arguments.detector,
            arguments.classifier,
            *data,
            stored_dtype=StoredDtype.float16 if arguments.half_precision else None,
        )
        points = calibration.operating_points
        document = {
            "operating_points": {name: asdict(p) for name, p in points.items()},
            "temperature": calibration.temperature,
            "expected_calibration_error": {
                "before": float(calibration.before.expected_error),
                "after": float(calibration.after.expected_error),
            },
        }
        draw_before_and_after(
            calibration.before, calibration.after, arguments.output_dir / "reliability.png"
        )
    print(json.dumps(document, indent=1))
    return 0
