"""Find tumours on mammograms and name them Benign or Cancer."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from commands.shared.dicom_arguments import (
    add_dicom_arguments,
    add_dicom_output_arguments,
    add_study_label,
    dicom_options,
    dicom_output,
)
from commands.shared.exit_codes import FAILED, SOME_INPUTS_FAILED
from commands.shared.options import add_decision, add_device, add_engine, add_shard
from commands.shared.outputs import require_writable
from pipeline.method_names import DEFAULT_OPERATING_POINT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from formats.errors import InputError
    from formats.film_identity import FilmIdentity, RunNames
    from formats.results import ImageResult
    from pipeline.many_films.film_run import FilmRun
    from pipeline.tumour_finder import InferredFile, TumourFinder
    from reports.films.annotated_film import TrueLesion
    from reports.films.dicom_output import DicomOutput


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "images",
        nargs="*",
        metavar="IMAGE|DIR|PATTERN|@LIST",
        help="films, folders, DICOMDIR files, patterns such as 'films/**/*.png', or @FILE with one "
        "of these a line; may be left out with --case-table, which names its own",
    )
    parser.add_argument(
        "--output-dir",
        type=Path,
        help="also write annotated films, crops of the boxes, results.json, results.csv and "
        "results.coco.json there",
    )
    parser.add_argument(
        "--picture-format",
        choices=("png", "jpg"),
        default="png",
        help="of annotated films and crops: png (default) or jpg, which is smaller",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on where a run into --output-dir was stopped",
    )
    parser.add_argument(
        "--case-table",
        type=Path,
        metavar="CSV",
        help="columns case, side, view and file: of which breast each film is, where names and "
        "DICOM headers do not say",
    )
    parser.add_argument(
        "--coco",
        type=Path,
        help="draw the lesions that this COCO file knows, dashed, on the annotated films",
    )
    parser.add_argument("--image-root", type=Path, help="folder of the COCO file's films")
    add_shard(parser)
    parser.add_argument("--json", action="store_true", help="print the results file's JSON")
    parser.add_argument("--detector", type=Path, help="checkpoint instead of the embedded one")
    parser.add_argument("--classifier", type=Path, help="checkpoint instead of the embedded one")
    add_decision(parser)
    add_device(parser)
    add_engine(parser)
    add_study_label(add_dicom_arguments(parser))
    add_dicom_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what is found; exit 3 when some films could not be read or some pictures written."""
    import json
    import logging

    from converters.case_table import CaseTable
    from formats.film_reading.listing import list_films
    from formats.notice import NOTICE
    from formats.results import results_to_json
    from pipeline import load
    from pipeline.cases.grouping import repeated_views
    from pipeline.many_films.film_run import FilmRun
    from pipeline.many_films.result_lines import describe_cases

    require_sense(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.info(NOTICE)
    table = CaseTable(arguments.case_table) if arguments.case_table else None
    listing = list_films(arguments.images or (table.films() if table else []), arguments.output_dir)
    identities = table.identities(listing.films) if table else None
    for note in listing.notes():
        logging.warning("%s", note)
    lesions = known_lesions(arguments, listing.films)
    failures = count_errors(listing.unreadable_folders)
    finder = load(
        arguments.detector,
        arguments.classifier,
        arguments.device,
        arguments.operating_point or DEFAULT_OPERATING_POINT,
        arguments.box_convention,
        dicom_options(arguments),
        arguments.engine,
    )
    make_folders(arguments)
    objects = dicom_output(arguments, finder.results([]))
    film_run = FilmRun(listing.films, arguments.shard, finder, run_options(arguments))
    if arguments.output_dir:
        film_run.keep_in(arguments.output_dir / "results.json", goes_on=arguments.resume)
    try:
        failures += find_on_films(film_run, finder, identities, lesions, objects, arguments)
    except BaseException:
        if arguments.output_dir:
            logging.info("what was found is kept; the same command with --resume goes on")
        raise
    film_run.end()
    failures += count_errors(repeated_views(film_run.images()))
    document = film_run.document()
    if arguments.json:
        print(json.dumps(results_to_json(document), indent=1))
    elif not arguments.shard:
        for line in describe_cases(document):
            print(line)
    # A study that was not gone through has no report.
    failures += count_errors(objects.write_reports() if objects else [])
    nothing_read = bool(film_run.films) and not film_run.images()
    if arguments.output_dir:
        # A part is written all the same, for its merging.
        is_left = nothing_read and not arguments.shard
        done = "no film could be read; earlier results stay in" if is_left else "written to"
        logging.info("%s %s", done, arguments.output_dir)
    if nothing_read:
        return FAILED
    return SOME_INPUTS_FAILED if failures else 0


def find_on_films(
    film_run: "FilmRun",
    finder: "TumourFinder",
    identities: "Mapping[Path, FilmIdentity] | None",
    lesions: "Mapping[Path, Sequence[TrueLesion]]",
    objects: "DicomOutput | None",
    arguments: argparse.Namespace,
) -> int:
    """Go through the films of a run that are not finished; return how many failures there were."""
    from formats.film_identity import names_of_run
    from formats.progress import with_progress
    from pipeline.tumour_finder import InferredFile
    from reports.films.annotated_film_files import picture_stems

    stems = picture_stems(film_run.file_names)
    names = names_of_run([Path(name) for name in film_run.file_names])
    failures = 0
    finished = film_run.images()
    if not arguments.json:
        for result in finished:
            print_result(result)
    progress = with_progress(film_run.open_films(), "films", films_before=len(finished))
    for outcome in finder.predict_files(progress):
        if not isinstance(outcome, InferredFile):
            failures += 1
            continue
        outcome, is_clear = with_identity(outcome, identities, names)
        film_run.add(outcome.result)
        if not arguments.json:
            print_result(outcome.result)
        done = [is_clear]
        if arguments.output_dir:
            stem = stems[outcome.result.file_name]
            known = lesions.get(outcome.path.resolve(), ())
            done.append(write_pictures(outcome, stem, known, arguments))
        if objects:
            done.append(write_dicom_objects(outcome, objects))
        failures += done.count(False)
        # A run that goes on tries the others again, so that what fails again is said again.
        if all(done):
            film_run.finish(outcome.result)
    return failures


def count_errors(errors: "Sequence[InputError]") -> int:
    """Log errors and return how many they are."""
    import logging

    for error in errors:
        logging.error("error: %s", error)
    return len(errors)


def make_folders(arguments: argparse.Namespace) -> None:
    """Make the folders that are written to.

    Raises:
        InputError, OSError: one cannot be made or written to.
    """
    folders = (arguments.output_dir, arguments.dicom_sr, arguments.dicom_gsps, arguments.dicom_sc)
    for folder in filter(None, folders):
        require_writable(folder)
        folder.mkdir(parents=True, exist_ok=True)


def require_sense(arguments: argparse.Namespace) -> None:
    """Refuse options that do not go together.

    Raises:
        argparse.ArgumentError: they do not.
    """
    if not arguments.images and not arguments.case_table:
        raise argparse.ArgumentError(None, "IMAGE|DIR: name at least one, or give a --case-table")
    if bool(arguments.coco) != bool(arguments.image_root):
        raise argparse.ArgumentError(None, "--coco and --image-root: go together")
    if arguments.coco and not arguments.output_dir:
        raise argparse.ArgumentError(None, "--coco: needs --output-dir, where films are drawn")
    if arguments.resume and not arguments.output_dir:
        raise argparse.ArgumentError(None, "--resume: needs the run's --output-dir")
    if arguments.shard and not arguments.output_dir:
        raise argparse.ArgumentError(None, "--shard: needs --output-dir, where the parts meet")
    objects = (arguments.dicom_sr, arguments.dicom_gsps, arguments.dicom_sc)
    if (arguments.resume or arguments.shard) and any(objects):
        raise argparse.ArgumentError(
            None,
            "--dicom-sr, --dicom-gsps, --dicom-sc: written of whole studies in one run; leave "
            "--resume and --shard out",
        )


def run_options(arguments: argparse.Namespace) -> dict[str, object]:
    """Return what the results and pictures depend on beside the models and films."""
    from dataclasses import asdict

    from training.saving.checkpoint import hash_file

    table = arguments.case_table
    return {
        "operating_point": arguments.operating_point or DEFAULT_OPERATING_POINT,
        "picture_format": arguments.picture_format,
        "engine": arguments.engine,
        "case_table_sha256": hash_file(table) if table else None,
        "coco_sha256": hash_file(arguments.coco) if arguments.coco else None,
        "dicom": asdict(dicom_options(arguments)),
    }


def with_identity(
    inferred: "InferredFile",
    tabled: "Mapping[Path, FilmIdentity] | None",
    names: "RunNames",
) -> "tuple[InferredFile, bool]":
    """Return a film's result with its case, side and view, and whether they are clear.

    Args:
        inferred: with what the header tells.
        tabled: what a table says, which goes before name and header; None without one.
        names: of all films of the run.
    """
    import logging
    from dataclasses import replace

    from formats.errors import InputError
    from formats.film_identity import identified, identified_by_name

    result = inferred.result
    unknown = replace(result, case_id=None, side=None, view=None)
    if tabled is not None:
        said = tabled.get(inferred.path)
        return replace(inferred, result=identified(result, said) if said else unknown), True
    try:
        return replace(inferred, result=identified_by_name(result, names)), True
    except InputError as error:
        logging.error("error: %s", error)
        return replace(inferred, result=unknown), False


def print_result(result: "ImageResult") -> None:
    """Print what is found on one film, above the progress bar if there is one."""
    from tqdm import tqdm

    from pipeline.many_films.result_lines import describe

    tqdm.write(describe(result), file=sys.stdout)


def known_lesions(
    arguments: argparse.Namespace, films: "Sequence[Path]"
) -> "Mapping[Path, Sequence[TrueLesion]]":
    """Return the lesions that a COCO file knows by film, and say of how many films it knows."""
    import logging

    from formats.coco import read_coco
    from reports.films.true_lesions import lesions_by_film

    if not arguments.coco:
        return {}
    dataset = read_coco(arguments.coco, image_root=arguments.image_root)
    lesions = lesions_by_film(dataset, arguments.image_root)
    known = sum(film.resolve() in lesions for film in films)
    logging.info("%s: knows %d of %d films", arguments.coco, known, len(films))
    return lesions


def write_pictures(
    inferred: "InferredFile",
    stem: str,
    lesions: "Sequence[TrueLesion]",
    arguments: argparse.Namespace,
) -> bool:
    """Write the annotated film and its crops; what cannot be written does not end the run.

    Raises:
        OSError: the disk is full: nor can the next be written.
    """
    import errno
    import logging

    from formats.errors import InputError
    from reports.films.annotated_film_files import write_annotated_film, write_crops
    from reports.films.picture_files import PictureFormat

    form = PictureFormat(arguments.picture_format)
    where = inferred.film, inferred.result, stem, arguments.output_dir, form
    try:
        write_annotated_film(*where, lesions)
        write_crops(*where)
    except InputError as error:
        logging.error("error: %s: pictures not written: %s", inferred.path, error)
        return False
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        logging.error("error: %s: pictures not written: %s", inferred.path, error.strerror)
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
