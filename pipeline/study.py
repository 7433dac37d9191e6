"""The study of the four methods on synthetic mammograms: its steps, and the page it ends in.

Every step is one command of this project; without the study's small sizes the same commands train
and compare the methods on real data. Sized for two cores and well under an hour.
"""

from pathlib import Path

from formats.notice import NOTICE

WEIGHTS = Path(__file__).parent / "weights"
SETTINGS: dict[str, list[str]] = {"without_site_bias": [], "with_site_bias": ["--site-bias"]}
"""Options of the phantoms, by the name of a setting's folder."""
# Many test patients: with a third of them the audit would mostly miss Mini-DDSM's site bias.
SPLIT = ["0.45", "0.13", "0.42"]
# Small enough for two CPU cores, in small batches so that few films still make many steps.
SMALL_BATCHES = ["optimisation.batch_size=4", "optimisation.learning_rate=1e-3"]
# The embedded detector has seen masses on real films; what starts from nothing learns too little.
DETECTOR_SIZES = [
    *(f"model.initial_checkpoint={WEIGHTS / 'detector.safetensors'}", "model.batch_norm=fixed"),
    *("model.backbone=tf_efficientnet_lite0", "model.frozen_blocks=3"),
    *("input.mean=[0.5,0.5,0.5]", "input.std=[0.5,0.5,0.5]"),
    *("input.side_px=512", "augmentation.chip_side_px=256"),
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


def comparison_page(output_dir: Path) -> str:
    """Return one Markdown page with the summary of each setting's report."""
    parts = [
        "# Four methods on synthetic mammograms\n\n"
        f"{NOTICE} The films are drawn, the networks small and briefly trained; both detectors "
        "begin with the embedded weights, all other networks with nothing. The figures show that "
        "the comparison works, and nothing about real mammograms.\n"
    ]
    for setting in SETTINGS:
        report = output_dir / setting / "report" / "summary.md"
        summary = report.read_text(encoding="utf-8").replace("\n#", "\n##")
        parts.append(f"## {setting.replace('_', ' ').capitalize()}\n\n#{summary}")
    return "\n".join(parts)
