"""The options of every command that reads DICOM films."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from formats.dicom import DicomOptions


def add_dicom_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
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


def _count_from_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: they are counted from 1")
    return number


def dicom_options(arguments: argparse.Namespace) -> "DicomOptions":
    """Return what was given."""
    from formats.dicom import DicomOptions

    return DicomOptions(
        voi=arguments.voi,
        allow_for_processing=arguments.allow_for_processing,
        any_modality=arguments.any_modality,
    )
