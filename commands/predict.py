"""Run a method on every image of a COCO file and write its results file."""

import argparse
import sys
from pathlib import Path

from commands.shared.dicom_arguments import add_dicom_arguments, add_study_label, dicom_options
from commands.shared.exit_codes import FAILED, SOME_INPUTS_FAILED
from commands.shared.options import (
    add_coco_options,
    add_decision,
    add_device,
    add_engine,
    add_shard,
)
from commands.shared.outputs import require_new_files
from formats.errors import InputError
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
    parser.add_argument("--coco", type=Path, required=True, help="COCO file of the films")
    parser.add_argument(
        "--image-root", type=Path, required=True, help="folder that its file names are relative to"
    )
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
    parser.add_argument(
        "--ray-actors",
        type=_process_count,
        metavar="N",
        help="let N processes with a core each predict, on this machine or on the cluster that "
        "RAY_ADDRESS names, into the same results (needs the extra 'ray'; see docs/scale.md)",
    )
    add_coco_options(parser)
    add_device(parser)
    add_engine(parser)
    add_study_label(add_dicom_arguments(parser))


def run(arguments: argparse.Namespace) -> int:
    """Predict, and print the path of the results; exit 3 when some images could not be read."""
    import logging
    from functools import partial

    from training.allocation import share_one_heap

    # Before torch is imported, which starts threads.
    share_one_heap()

    from formats.coco import coco_options, read_coco
    from formats.shards import part_of
    from pipeline.many_films.data_set import predict_dataset, run_of
    from pipeline.many_films.result_files import coco_results_path
    from pipeline.methods import MethodFiles, load_method
    from training.networks.device import choose_device
    from training.networks.runtime import Runtime

    if arguments.shard and arguments.ray_actors:
        raise argparse.ArgumentError(None, "--ray-actors: cuts the run itself; leave --shard out")
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
    device = choose_device(arguments.device, runtime)
    load = partial(load_method, arguments.method, files, device)
    dicom = dicom_options(arguments)
    try:
        if arguments.ray_actors:
            from pipeline.many_films.ray_run import predict_with_actors

            failures = predict_with_actors(
                load,
                dataset,
                arguments.image_root,
                output,
                arguments.ray_actors,
                dicom,
                on_gpu=device.type == "cuda",
            )
        else:
            method, part = load(), None
            if shard:
                file_names = [image["file_name"] for image in dataset.images]
                part = part_of(shard, file_names, run_of(method, dicom))
                dataset = dataset.subset(shard.of(dataset.images))
            failures = predict_dataset(method, dataset, arguments.image_root, output, dicom, part)
    except KeyboardInterrupt:
        logging.info("what was found is kept; the same command goes on")
        raise
    return _end(failures, output, len(dataset.images), is_part=bool(shard))


def _end(failures: list[InputError], output: Path, images: int, *, is_part: bool) -> int:
    """Say what could not be read, print the path of what was written, return the exit code."""
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    nothing_read = images > 0 and len(failures) == images
    if nothing_read and not is_part:
        print(f"no film could be read; {output} was not written", file=sys.stderr)
        return FAILED
    print(output)
    if nothing_read:
        return FAILED
    return SOME_INPUTS_FAILED if failures else 0


def _process_count(words: str) -> int:
    if not words.isdecimal() or int(words) < 1:
        raise argparse.ArgumentTypeError(f"{words!r}: give a whole number from 1 on")
    return int(words)
