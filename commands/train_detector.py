"""Train a tumour detector from COCO files."""

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
    """Train, and print the path of the best checkpoint."""
    arguments = parse_arguments(argv)

    import logging

    from detector.config import DetectorConfig
    from detector.engine import train_detector
    from formats.errors import InputError
    from training.config import load_config
    from training.loop import NonFiniteLossError, leave_process_group

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        config = load_config(DetectorConfig, arguments.config, arguments.overrides)
        progress = train_detector(config, arguments.output_dir, arguments.device, arguments.resume)
        leave_process_group()
    except (InputError, NonFiniteLossError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    logging.info("best AP50 %.4f in epoch %d", progress.best_value, progress.best_epoch + 1)
    print(arguments.output_dir / "best.safetensors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
