"""Options that several commands have."""

import argparse
from pathlib import Path


def add_coco_options(parser: argparse.ArgumentParser) -> None:
    """Declare how somebody else's COCO file is to be read."""
    parser.add_argument(
        "--category-map",
        type=Path,
        metavar="FILE",
        help="YAML file that says what the COCO file's categories and labels mean, a line a name, "
        "such as 'M1: Cancer' or 'B2: benign mass'; lesion: of unknown pathology; ignore: left out",
    )
    parser.add_argument(
        "--bbox-format",
        choices=("xywh", "xyxy"),
        default="xywh",
        help="what a box's four numbers are: left, top, width, height (default), or left, top, "
        "right, bottom",
    )
    parser.add_argument(
        "--allow-lost-boxes",
        action="store_true",
        help="read a COCO file too that loses more than a few boxes in a hundred as impossible",
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    """Declare where the networks run."""
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")


def add_training(parser: argparse.ArgumentParser) -> None:
    """Declare what any training takes."""
    parser.add_argument(
        "--config",
        required=True,
        help="YAML file, or the name of one that comes with this project, such as "
        "detector_torchvision",
    )
    parser.add_argument(
        "--output-dir", type=Path, required=True, help="folder for checkpoints and logs"
    )
    parser.add_argument(
        "--resume", action="store_true", help="continue the training in --output-dir"
    )
    parser.add_argument(
        "--allow-leak",
        action="store_true",
        help="train although patients or films stand in the training and the validation part",
    )
    parser.add_argument(
        "--cache-dir",
        type=Path,
        metavar="DIR",
        help="folder in which decoded films are kept for the next training (default: "
        "MAMMO_CACHE_DIR, or ~/.cache/mammo)",
    )
    add_device(parser)
    parser.add_argument(
        "overrides", nargs="*", metavar="key=value", help="such as optimisation.epochs=5"
    )


def overrides(arguments: argparse.Namespace) -> list[str]:
    """Return the settings that a training's command line changes."""
    settings = [*arguments.overrides, *["data.allow_leak=true"] * arguments.allow_leak]
    if arguments.cache_dir:
        settings.append(f"optimisation.cache_dir={arguments.cache_dir}")
    return settings
