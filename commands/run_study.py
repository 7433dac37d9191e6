"""Compare the four methods on synthetic mammograms, with and without a site bias.

Every step is one command of this project, shown before it runs; without the study's small sizes
the same commands train and compare the methods on real data. Sized for two cores and well under an
hour.

Research software, not a medical device; synthetic films say nothing about real ones.
"""

import argparse
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pipeline
from commands.exit_codes import FAILED
from formats.errors import InputError
from formats.whole_file import write_whole

WEIGHTS = Path(pipeline.__file__).parent / "weights"
SETTINGS: dict[str, list[str]] = {"without site bias": [], "with site bias": ["--site-bias"]}
# Many test patients: with a third of them the audit would mostly miss Mini-DDSM's site bias.
SPLIT = ["0.45", "0.13", "0.42"]
# Small enough for two CPU cores, in small batches so that few films still make many steps.
SMALL_BATCHES = ["optimisation.batch_size=4", "optimisation.learning_rate=1e-3"]
# The embedded detector has seen masses on real films; what starts from nothing learns too little.
DETECTOR_SIZES = [
    *(f"model.initial_checkpoint={WEIGHTS / 'detector.safetensors'}", "model.batch_norm=fixed"),
    *("model.activation=leaky_relu", "input.mean=[0.406,0.456,0.485]"),
    *("input.std=[0.225,0.224,0.229]", "input.side_px=512", "augmentation.chip_side_px=256"),
    *("optimisation.epochs=6", "optimisation.batch_size=4", "optimisation.learning_rate=4e-4"),
]
CROP_SIZES = ["input.side_px=96", "optimisation.epochs=30", *SMALL_BATCHES]
WHOLE_IMAGE_SIZES = [
    *("input.height_px=224", "input.width_px=144", "optimisation.epochs=10", *SMALL_BATCHES),
    # Nothing is downloaded: all blocks learn from the beginning.
    *("model.weights=none", "model.frozen_epochs=0", "model.unfrozen_blocks=9"),
]
TRAININGS = {
    "single": ("train-classifier", "whole_image_single", WHOLE_IMAGE_SIZES),
    "hierarchical": ("train-classifier", "whole_image_hierarchical", WHOLE_IMAGE_SIZES),
    "detector": ("train-detector", "detector_names_class", DETECTOR_SIZES),
    "two_stage/detector": ("train-detector", "detector_torchvision", DETECTOR_SIZES),
    "two_stage/classifier": ("train-classifier", "classifier_crops", CROP_SIZES),
}
# Options to checkpoints, relative to a setting's folder.
CALIBRATIONS = {
    "detector": {"--detector": ["detector/best"]},
    "two_stage": {
        "--detector": ["two_stage/detector/best"],
        "--classifier": ["two_stage/classifier/best"],
    },
}
METHODS = {
    "single": {"--classifier": ["single/best"]},
    "hierarchical": {"--classifier": ["hierarchical/first/best", "hierarchical/second/best"]},
    "detector": {"--detector": ["detector/finished/detector"]},
    "two_stage": {
        "--detector": ["two_stage/finished/detector"],
        "--classifier": ["two_stage/finished/classifier"],
    },
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--output-dir", type=Path, required=True, help="a new or an empty folder")
    parser.add_argument("--cases", type=int, default=160, help="synthetic patients (default: 160)")
    parser.add_argument("--seed", type=int, default=0, help="of the patients (default: 0)")
    parser.add_argument(
        "overrides",
        nargs="*",
        metavar="key=value",
        help="for every training, such as optimisation.epochs=1",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run every setting, and print the path of the comparison."""
    output_dir: Path = arguments.output_dir
    if output_dir.exists() and any(output_dir.iterdir()):
        raise InputError(f"{output_dir}: is not empty; name a new folder")
    for setting, bias in SETTINGS.items():
        folder = output_dir / setting.replace(" ", "_")
        phantoms = ["--cases", str(arguments.cases), "--seed", str(arguments.seed), *bias]
        for command in setting_commands(folder, phantoms, arguments.overrides):
            if not run_step(command):
                return FAILED
    comparison = output_dir / "comparison.md"
    write_whole(compare(output_dir).encode(), comparison)
    print(comparison)
    return 0


def setting_commands(folder: Path, phantoms: list[str], overrides: list[str]) -> list[list[str]]:
    """Return the commands of one setting, each a command's name and its arguments."""
    root, coco = folder / "phantoms", folder / "coco"
    results = [str(folder / "results" / f"{name}.json") for name in METHODS]
    return [
        ["make-phantoms", "--output-dir", str(root), *phantoms],
        ["convert-mini-ddsm", "--root", str(root), "--output-dir", str(coco), "--split", *SPLIT],
        *training_commands(folder, overrides),
        *calibration_commands(folder),
        *prediction_commands(folder),
        [
            *("evaluate", *images(folder, "test"), "--results", *results),
            *("--output-dir", str(folder / "report")),
        ],
    ]


def training_commands(folder: Path, overrides: list[str]) -> list[list[str]]:
    """Return one command for each network, or for the hierarchy's two."""
    data = [
        f"data.train_coco={folder / 'coco' / 'train.json'}",
        f"data.val_coco={folder / 'coco' / 'val.json'}",
        f"data.image_root={folder / 'phantoms'}",
    ]
    return [
        [
            *(command, "--config", config, "--output-dir", str(folder / name)),
            *(*data, *sizes, *overrides),
        ]
        for name, (command, config, sizes) in TRAININGS.items()
    ]


def calibration_commands(folder: Path) -> list[list[str]]:
    """Return what gives the detectors their operating points."""
    return [
        [
            *("calibrate", *images(folder, "val")),
            *("--output-dir", str(folder / name / "finished")),
            *checkpoint_options(folder, checkpoints),
        ]
        for name, checkpoints in CALIBRATIONS.items()
    ]


def prediction_commands(folder: Path) -> list[list[str]]:
    """Return one command for each method."""
    return [
        [
            *("predict", "--method", name, *images(folder, "test")),
            *("--output", str(folder / "results" / f"{name}.json")),
            *checkpoint_options(folder, checkpoints),
        ]
        for name, checkpoints in METHODS.items()
    ]


def images(folder: Path, part: str) -> list[str]:
    """Return the options that name a part of the data and its images."""
    coco = folder / "coco" / f"{part}.json"
    return ["--coco", str(coco), "--image-root", str(folder / "phantoms")]


def checkpoint_options(folder: Path, checkpoints: dict[str, list[str]]) -> list[str]:
    """Return options with their checkpoints' paths below a setting's folder."""
    return [
        word
        for option, names in checkpoints.items()
        for word in (option, *(str(folder / f"{name}.safetensors") for name in names))
    ]


def run_step(command: list[str]) -> bool:
    """Show and run one command; its own output is progress. Say so when it fails."""
    shown = shlex.join(["mammo", *command])
    print(f"$ {shown}", file=sys.stderr)
    begin = time.monotonic()
    # -P: a folder that is called `commands`, where the study was started, is another one.
    program = [sys.executable, "-P", "-m", "commands"]
    code = subprocess.run([*program, *command], stdout=sys.stderr, check=False).returncode
    print(f"  {time.monotonic() - begin:.0f} s", file=sys.stderr)
    if code:
        print(f"error: exit code {code} of: {shown}", file=sys.stderr)
    return code == 0


def compare(output_dir: Path) -> str:
    """Return one Markdown page with the summary of each setting's report."""
    parts = [
        "# Four methods on synthetic mammograms\n\n"
        "Research software, not a medical device. The films are drawn, the networks small and "
        "briefly trained; both detectors begin with the embedded weights, all other networks with "
        "nothing. The figures show that the comparison works, and nothing about real "
        "mammograms.\n"
    ]
    for setting in SETTINGS:
        report = output_dir / setting.replace(" ", "_") / "report" / "summary.md"
        summary = report.read_text(encoding="utf-8").replace("\n#", "\n##")
        parts.append(f"## {setting.capitalize()}\n\n#{summary}")
    return "\n".join(parts)
