"""Give a trained pair its operating points, and its crop classifier a temperature.

Both are read off the validation part. A detector that names the class itself comes alone. With
--fit-boxes, nothing but a box convention is read off, and only the detector is written; with
--fit-fusion, nothing but how views are fused to breasts, and only the classifier is.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from commands.shared.options import add_coco_options, add_device
from commands.shared.outputs import require_new_files

if TYPE_CHECKING:
    import torch

    from formats.coco import CocoDataset

RELIABILITY = "reliability.png"
WRITTEN = ("detector.safetensors", "classifier.safetensors", RELIABILITY)


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
        "--name-boxes",
        metavar="NAME",
        help="call boxes as the detector of a pair finds them by this name, which --box-convention "
        "and results know",
    )
    parser.add_argument(
        "--fit-fusion",
        action="store_true",
        help="fit how the views of a breast become one probability, and save it in the classifier",
    )
    parser.add_argument(
        "--store-as",
        choices=("float16", "int8"),
        help="store the weights of a pair in 16 bits, half the size, or in 8, a quarter, and "
        "calibrate them so",
    )
    add_coco_options(parser)
    add_device(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the finished checkpoints and print what was read off, as JSON."""
    import json
    import logging

    from training.allocation import share_one_heap

    # Before torch is imported, which starts threads.
    share_one_heap()

    from formats.coco import coco_options, read_coco
    from training.networks.device import choose_device

    require_sense(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    written = [arguments.output_dir / name for name in WRITTEN]
    require_new_files(written, [arguments.detector, arguments.classifier, arguments.coco])
    device = choose_device(arguments.device)
    options = coco_options(
        arguments.category_map, arguments.bbox_format, arguments.allow_lost_boxes
    )
    dataset = read_coco(arguments.coco, options, arguments.image_root)
    data = dataset, arguments.image_root, arguments.output_dir, device
    if arguments.fit_boxes:
        document = fit_boxes(arguments, *data)
    elif arguments.fit_fusion:
        document = fit_fusion(arguments, *data)
    elif arguments.classifier is None:
        document = calibrate_detector(arguments, *data)
    else:
        document = calibrate_pair(arguments, *data)
    print(json.dumps(document, indent=1))
    return 0


def require_sense(arguments: argparse.Namespace) -> None:
    """Refuse options that do not go together.

    Raises:
        argparse.ArgumentError: they do not.
    """
    if "" in (arguments.fit_boxes, arguments.name_boxes):
        raise argparse.ArgumentError(None, "--fit-boxes, --name-boxes: give the convention a name")
    of_pairs = {
        "--fit-fusion": arguments.fit_fusion,
        "--store-as": arguments.store_as is not None,
        "--name-boxes": arguments.name_boxes is not None,
    }
    for option, is_given in of_pairs.items():
        if is_given and (arguments.fit_boxes or not arguments.classifier):
            raise argparse.ArgumentError(
                None, f"{option} goes with --classifier, and without --fit-boxes"
            )
    if arguments.fit_fusion and (arguments.store_as or arguments.name_boxes):
        raise argparse.ArgumentError(None, "--fit-fusion goes without other steps")


def fit_boxes(
    arguments: argparse.Namespace,
    dataset: "CocoDataset",
    image_root: Path,
    output_dir: Path,
    device: "torch.device",
) -> dict[str, object]:
    """Add a box convention to the detector, and return it with what it was fitted on."""
    from dataclasses import asdict

    from pipeline.fitting.box_fitting import fit_boxes_of_checkpoint

    return asdict(
        fit_boxes_of_checkpoint(
            arguments.fit_boxes,
            arguments.detector,
            arguments.classifier,
            dataset,
            image_root,
            output_dir,
            device,
        )
    )


def fit_fusion(
    arguments: argparse.Namespace,
    dataset: "CocoDataset",
    image_root: Path,
    output_dir: Path,
    device: "torch.device",
) -> dict[str, object]:
    """Add fitted fusions to the classifier, and return how they compare."""
    from dataclasses import asdict

    from pipeline.cases.fusion_fitting import fit_fusion_of_checkpoint

    fusions = fit_fusion_of_checkpoint(
        arguments.detector, arguments.classifier, dataset, image_root, output_dir, device
    )
    return {
        name: {target: asdict(fusion) for target, fusion in targets.items()}
        for name, targets in fusions.items()
    }


def calibrate_detector(
    arguments: argparse.Namespace,
    dataset: "CocoDataset",
    image_root: Path,
    output_dir: Path,
    device: "torch.device",
) -> dict[str, object]:
    """Finish a detector that names the class, and return its operating points."""
    from dataclasses import asdict

    from pipeline.fitting.calibration import calibrate_class_naming_checkpoint

    points = calibrate_class_naming_checkpoint(
        arguments.detector, dataset, image_root, output_dir, device
    )
    return {"operating_points": {name: asdict(point) for name, point in points.items()}}


def calibrate_pair(
    arguments: argparse.Namespace,
    dataset: "CocoDataset",
    image_root: Path,
    output_dir: Path,
    device: "torch.device",
) -> dict[str, object]:
    """Finish a pair, draw how its probabilities fit, and return what was read off."""
    from dataclasses import asdict

    from pipeline.fitting.calibration import calibrate_checkpoints
    from reports.evaluation.reliability_figure import draw_before_and_after
    from training.saving.stored_weights import StoredDtype

    calibration = calibrate_checkpoints(
        arguments.detector,
        arguments.classifier,
        dataset,
        image_root,
        output_dir,
        device,
        stored_dtype=StoredDtype(arguments.store_as) if arguments.store_as else None,
        box_name=arguments.name_boxes,
    )
    draw_before_and_after(calibration.before, calibration.after, output_dir / RELIABILITY)
    points = calibration.operating_points
    return {
        "operating_points": {name: asdict(point) for name, point in points.items()},
        "temperature": calibration.temperature,
        "auc_cancer_on_true_boxes": calibration.cancer_auc,
        "expected_calibration_error": {
            "before": float(calibration.before.expected_error),
            "after": float(calibration.after.expected_error),
            "by_chance": float(calibration.after.error_by_chance),
        },
    }
