"""Options that several commands have."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from training.networks.runtime import Runtime

if TYPE_CHECKING:
    from formats.shards import Shard


def add_coco_options(parser: argparse.ArgumentParser) -> None:
    """Declare how somebody else's COCO file is to be read."""
    parser.add_argument(
        "--category-map",
        type=Path,
        metavar="FILE",
        help="YAML or JSON file that says what the COCO file's categories and labels mean, a line "
        "a name, such as 'M1: Cancer' or 'B2: benign mass'; lesion: of unknown pathology; ignore: "
        "left out",
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


def add_split(parser: argparse.ArgumentParser) -> None:
    """Declare how patients are split into parts."""
    parser.add_argument("--seed", type=int, default=0, help="of the split (default: 0)")
    parser.add_argument(
        "--split",
        type=float,
        nargs=3,
        default=(0.7, 0.15, 0.15),
        metavar=("TRAIN", "VAL", "TEST"),
        help="shares of the patients (default: 0.7 0.15 0.15)",
    )


def add_decision(parser: argparse.ArgumentParser) -> None:
    """Declare from what score a box counts as found, and how it is drawn."""
    parser.add_argument(
        "--operating-point",
        metavar="NAME",
        help="named in the checkpoints; decides the label of an image: balanced (default), or "
        "sensitive, which finds more and errs more",
    )
    parser.add_argument(
        "--box-convention",
        metavar="NAME",
        help="draw boxes as a data set does, named in the detector (default: as they are found)",
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    """Declare where the networks run."""
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")


def add_engine(parser: argparse.ArgumentParser) -> None:
    """Declare what computes the networks."""
    parser.add_argument(
        "--engine",
        choices=[runtime.value for runtime in Runtime],
        default=Runtime.torch.value,
        help="what computes the networks: torch (default), or onnx (onnxruntime on processors, the "
        "extra `onnx`), which takes longer to load and less for each film",
    )


def add_shard(parser: argparse.ArgumentParser) -> None:
    """Declare which part of a run is gone through."""
    parser.add_argument(
        "--shard",
        type=_shard,
        metavar="I/N",
        help="go through the I-th of N parts only, into results that `mammo merge` puts together",
    )


def add_training(parser: argparse.ArgumentParser, example_config: str) -> None:
    """Declare what any training takes; the example is the name of a shipped configuration."""
    parser.add_argument(
        "--config",
        required=True,
        help="YAML file, or the name of one that comes with this project, "
        f"such as {example_config}",
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


def _shard(words: str) -> "Shard":
    from formats.shards import shard_of

    try:
        return shard_of(words)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def overrides(arguments: argparse.Namespace) -> list[str]:
    """Return the settings that a training's command line changes."""
    settings = [*arguments.overrides, *["data.allow_leak=true"] * arguments.allow_leak]
    if arguments.cache_dir:
        settings.append(f"optimisation.cache_dir={arguments.cache_dir}")
    return settings
