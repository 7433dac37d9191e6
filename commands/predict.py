"""Run a method on every image of a COCO file and write its results file."""

import argparse
import sys
from pathlib import Path

from commands.dicom_arguments import add_dicom_arguments, dicom_options
from commands.exit_codes import FAILED, SOME_INPUTS_FAILED
from commands.options import add_coco_options, add_decision, add_device, add_engine, add_shard
from commands.outputs import require_new_files
from pipeline.method_names import MethodName


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--method",
        choices=[name.value for name in MethodName],
        default=MethodName.two_stage.value,
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
    add_decision(parser)
    add_shard(parser)
    add_coco_options(parser)
    add_device(parser)
    add_engine(parser)
    add_dicom_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Predict, and print the path of the results; exit 3 when some images could not be read."""
    import logging

    from formats.coco import coco_options, read_coco
    from formats.shards import part_of
    from pipeline.data_set import predict_dataset, run_of
    from pipeline.methods import MethodFiles, load_method
    from pipeline.result_files import coco_results_path
    from training.device import choose_device
    from training.runtime import Runtime

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    inputs = [arguments.coco, arguments.detector, *arguments.classifier]
    shard, output = arguments.shard, arguments.output
    if shard:
        output = shard.beside(output)
    require_new_files([output, coco_results_path(output)], inputs)
    runtime = Runtime(arguments.engine)
    files = MethodFiles(
        detector=arguments.detector,
        classifiers=arguments.classifier,
        operating_point=arguments.operating_point,
        box_convention=arguments.box_convention,
        runtime=runtime,
    )
    options = coco_options(
        arguments.category_map, arguments.bbox_format, arguments.allow_lost_boxes
    )
    dataset = read_coco(arguments.coco, options, arguments.image_root)
    method = load_method(arguments.method, files, choose_device(arguments.device, runtime))
    dicom = dicom_options(arguments)
    part = None
    if shard:
        file_names = [image["file_name"] for image in dataset.images]
        part = part_of(shard, file_names, run_of(method, dicom))
        dataset = dataset.subset(shard.of(dataset.images))
    failures = predict_dataset(method, dataset, arguments.image_root, output, dicom, part)
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    print(output)
    if dataset.images and len(failures) == len(dataset.images):
        return FAILED
    return SOME_INPUTS_FAILED if failures else 0
