"""Train a tumour detector from COCO files."""

import argparse

from commands.shared.options import add_training, overrides
from commands.shared.shipped_files import find_shipped


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_training(parser, "detector_torchvision")


def run(arguments: argparse.Namespace) -> int:
    """Train, and print the path of the best checkpoint."""
    import logging

    from detector.config import DetectorConfig
    from detector.training_task import train_detector
    from training.config import load_config
    from training.loop import leave_process_group

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    config = load_config(
        DetectorConfig, find_shipped(arguments.config, ".yaml"), overrides(arguments)
    )
    progress = train_detector(config, arguments.output_dir, arguments.device, arguments.resume)
    leave_process_group()
    logging.info("best AP50 %.4f in epoch %d", progress.best_value, progress.best_epoch + 1)
    print(arguments.output_dir / "best.safetensors")
    return 0
