"""Train a classifier from COCO files: of crops, or of whole images in one step or two."""

import argparse

from commands.shared.options import add_training, overrides
from commands.shared.shipped_files import find_shipped


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_training(parser, "classifier_crops")


def run(arguments: argparse.Namespace) -> int:
    """Train, and print the path of the best checkpoint of each network."""
    import logging

    from classifier.tasks import train_from_file
    from training.loop import leave_process_group

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    trained = train_from_file(
        find_shipped(arguments.config, ".yaml"),
        overrides(arguments),
        arguments.output_dir,
        arguments.device,
        arguments.resume,
    )
    leave_process_group()
    for path, progress in trained.items():
        logging.info(
            "best validation AUC %.4f in epoch %d", progress.best_value, progress.best_epoch + 1
        )
        print(path)
    return 0
