"""Train a classifier from COCO files: of crops, or of whole images in one step or two."""

import argparse
import sys
from pathlib import Path


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="YAML file, see configs/")
    parser.add_argument(
        "--output-dir", type=Path, required=True, help="folder for checkpoints and logs"
    )
    parser.add_argument(
        "--resume", action="store_true", help="continue the training in --output-dir"
    )
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument(
        "overrides", nargs="*", metavar="key=value", help="such as optimisation.epochs=5"
    )
    return parser.parse_intermixed_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Train, and print the path of the best checkpoint of each network."""
    arguments = parse_arguments(argv)

    import logging

    from classifier.tasks import train_from_file
    from formats.errors import InputError
    from training.loop import NonFiniteLossError, leave_process_group

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        trained = train_from_file(
            arguments.config,
            arguments.overrides,
            arguments.output_dir,
            arguments.device,
            arguments.resume,
        )
        leave_process_group()
    except (InputError, NonFiniteLossError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for path, progress in trained.items():
        logging.info(
            "best validation AUC %.4f in epoch %d", progress.best_value, progress.best_epoch + 1
        )
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
