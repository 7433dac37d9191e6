"""Find tumours on mammograms and name them Benign or Cancer."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from commands.dicom_arguments import (
    add_dicom_arguments,
    add_dicom_output_arguments,
    dicom_options,
    dicom_output,
)
from commands.exit_codes import FAILED, SOME_INPUTS_FAILED
from commands.options import add_decision, add_device
from commands.outputs import require_writable
from pipeline.method_names import DEFAULT_OPERATING_POINT

if TYPE_CHECKING:
    from formats.results import ImageResult, Results
    from pipeline.tumour_finder import InferredFile
    from reports.dicom_output import DicomOutput


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE|DIR")
    parser.add_argument(
        "--output-dir",
        type=Path,
        help="also write annotated films, results.json and results.csv there",
    )
    parser.add_argument("--json", action="store_true", help="print the results file's JSON")
    parser.add_argument("--detector", type=Path, help="checkpoint instead of the embedded one")
    parser.add_argument("--classifier", type=Path, help="checkpoint instead of the embedded one")
    add_decision(parser)
    add_device(parser)
    add_dicom_arguments(parser)
    add_dicom_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what is found; exit 3 when some films could not be read or some pictures written."""
    import json
    import logging

    from formats.film_listing import list_films
    from formats.notice import NOTICE
    from formats.progress import with_progress
    from formats.results import results_to_json
    from pipeline import load
    from pipeline.tumour_finder import InferredFile

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.info(NOTICE)
    listing = list_films(arguments.images, arguments.output_dir)
    for note in listing.notes():
        logging.warning("%s", note)
    for error in listing.unreadable_folders:
        logging.error("error: %s", error)
    finder = load(
        arguments.detector,
        arguments.classifier,
        arguments.device,
        arguments.operating_point or DEFAULT_OPERATING_POINT,
        arguments.box_convention,
        dicom_options(arguments),
    )
    folders = (arguments.output_dir, arguments.dicom_sr, arguments.dicom_gsps, arguments.dicom_sc)
    for folder in filter(None, folders):
        require_writable(folder)
        folder.mkdir(parents=True, exist_ok=True)
    objects = dicom_output(arguments, finder.results([]))

    images: list[ImageResult] = []
    failures, taken_names = len(listing.unreadable_folders), set[str]()
    try:
        for outcome in finder.predict_files(with_progress(listing.films, "films")):
            if not isinstance(outcome, InferredFile):
                failures += 1
                continue
            images.append(outcome.result)
            if not arguments.json:
                print_result(outcome.result)
            if arguments.output_dir:
                failures += not write_picture(outcome, arguments.output_dir, taken_names)
            if objects:
                failures += not write_dicom_objects(outcome, objects)
    finally:
        # Of an interrupted run too: what has been found is worth keeping.
        if arguments.output_dir:
            write_outputs(finder.results(images), arguments.output_dir)
    if arguments.json:
        print(json.dumps(results_to_json(finder.results(images)), indent=1))
    # A study that was not gone through has no report.
    for error in objects.write_reports() if objects else []:
        logging.error("error: %s", error)
        failures += 1
    if arguments.output_dir:
        logging.info("written to %s", arguments.output_dir)
    if not images:
        return FAILED
    return SOME_INPUTS_FAILED if failures else 0


def print_result(result: "ImageResult") -> None:
    """Print what is found on one film, above the progress bar if there is one."""
    from tqdm import tqdm

    from pipeline.result_lines import describe

    tqdm.write(describe(result), file=sys.stdout)


def write_picture(inferred: "InferredFile", output_dir: Path, taken_names: set[str]) -> bool:
    """Write the annotated film; one that cannot be written does not end the run.

    Raises:
        OSError: the disk is full: nor can the next be written.
    """
    import errno
    import logging

    from reports.annotated_film_files import write_annotated_film

    try:
        write_annotated_film(inferred.film, inferred.result, output_dir, taken_names)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        logging.error("error: %s: annotated film not written: %s", inferred.path, error.strerror)
        return False
    return True


def write_dicom_objects(inferred: "InferredFile", output: "DicomOutput") -> bool:
    """Write a film's DICOM objects; what cannot be written does not end the run.

    Raises:
        OSError: the disk is full: nor can the next be written.
    """
    import errno
    import logging

    from formats.errors import InputError

    try:
        output.add(inferred.path, inferred.film, inferred.result)
    except InputError as error:
        logging.error("error: %s", error)
        return False
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        logging.error("error: %s: no DICOM object written: %s", inferred.path, error.strerror)
        return False
    return True


def write_outputs(document: "Results", output_dir: Path) -> None:
    """Write the results file and the table."""
    from formats.results import write_results
    from formats.whole_file import write_whole
    from pipeline.result_lines import results_to_csv

    write_results(document, output_dir / "results.json")
    table = results_to_csv(document.images)
    # A file name may hold what UTF-8 has no sign for.
    write_whole(table.encode(errors="backslashreplace"), output_dir / "results.csv")
