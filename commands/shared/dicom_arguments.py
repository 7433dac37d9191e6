"""The options of commands that read DICOM films, and of those that write DICOM objects."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from formats.dicom_reading.reader import DicomOptions
    from formats.results import Results
    from reports.films.dicom_output import DicomOutput


def add_dicom_arguments(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add the options, and return their group."""
    group = parser.add_argument_group("DICOM films")
    group.add_argument(
        "--voi",
        type=_count_from_one,
        default=1,
        metavar="N",
        help="which of a file's VOI LUTs and windows to apply, the LUTs first (default: 1)",
    )
    group.add_argument(
        "--allow-for-processing",
        action="store_true",
        help="read raw films too, which look unlike those that networks learn from",
    )
    group.add_argument(
        "--any-modality", action="store_true", help="read pictures of other modalities than MG too"
    )
    return group


def add_study_label(group: argparse._ArgumentGroup) -> None:
    """Add the option that lets what is written name the person."""
    group.add_argument(
        "--study-label",
        action="store_true",
        help="name the person in what is written; without it nothing of them is read",
    )


def _count_from_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: they are counted from 1")
    return number


def dicom_options(arguments: argparse.Namespace) -> "DicomOptions":
    """Return what was given; a command without `--study-label` never reads who the person is."""
    from formats.dicom_reading.reader import DicomOptions

    return DicomOptions(
        voi=arguments.voi,
        allow_for_processing=arguments.allow_for_processing,
        any_modality=arguments.any_modality,
        study_label=getattr(arguments, "study_label", False),
    )


def add_dicom_output_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that name what to write."""
    group = parser.add_argument_group("DICOM objects of what is found, for DICOM films")
    group.add_argument(
        "--dicom-sr", type=Path, metavar="DIR", help="write a structured report of each study there"
    )
    group.add_argument(
        "--dicom-sr-kind",
        choices=("measurements", "cad"),
        default="measurements",
        help="a Measurement Report (TID 1500, the default) or a Mammography CAD SR (TID 4000)",
    )
    group.add_argument(
        "--dicom-gsps",
        type=Path,
        metavar="DIR",
        help="write boxes and captions there, as a presentation state of each film that has some",
    )
    group.add_argument(
        "--dicom-sc",
        type=Path,
        metavar="DIR",
        help="write annotated films there, as secondary captures",
    )


def dicom_output(arguments: argparse.Namespace, made_by: "Results") -> "DicomOutput | None":
    """Return what writes the objects that were asked for into their folders; None if none were.

    Args:
        arguments: as given.
        made_by: results of the same networks; their images do not matter.
    """
    if not any((arguments.dicom_sr, arguments.dicom_gsps, arguments.dicom_sc)):
        return None
    from commands import __version__
    from formats.dicom_objects.software import software_of
    from reports.films.dicom_output import DicomOutput, DicomTargets

    targets = DicomTargets(
        report_dir=arguments.dicom_sr,
        report_kind=arguments.dicom_sr_kind,
        presentation_dir=arguments.dicom_gsps,
        capture_dir=arguments.dicom_sc,
        with_person=arguments.study_label,
    )
    return DicomOutput(targets, software_of(made_by, __version__))
