"""Share of the training time that goes into waiting for data, and memory epoch by epoch.

    python benchmarks/training_loop.py [--cases 20 --epochs 4]

Phantoms are drawn and converted, and the compact detector is trained on them as configured in
configs/detector_torchvision.yaml.
"""

import argparse
import csv
import logging
import tempfile
from pathlib import Path

import psutil

from commands.shared.shipped_files import find_shipped
from converters.conversion import Settings, convert
from detector.config import DetectorConfig
from detector.training_task import train_detector
from phantoms.data_set import make_phantoms
from training.config import load_config

MIB = 2**20


class MemoryAtEachMessage(logging.Handler):
    """Notes the process's memory whenever the training loop reports an epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.mib: list[float] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Note it."""
        if record.getMessage().startswith("epoch"):
            self.mib.append(psutil.Process().memory_info().rss / MIB)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=4)
    arguments = parser.parse_args()
    memory = MemoryAtEachMessage()
    loop_logger = logging.getLogger("training.loop")
    loop_logger.setLevel(logging.INFO)
    loop_logger.addHandler(memory)
    with tempfile.TemporaryDirectory() as folder:
        root, coco, run = (Path(folder) / name for name in ("phantoms", "coco", "run"))
        make_phantoms(root, arguments.cases, seed=0)
        convert(root, [], coco, Settings())
        data = (("train_coco", coco / "train.json"), ("val_coco", coco / "val.json"))
        overrides = [f"data.{name}={path}" for name, path in (*data, ("image_root", root))]
        overrides.append(f"optimisation.epochs={arguments.epochs}")
        config = load_config(
            DetectorConfig, find_shipped("detector_torchvision", ".yaml"), overrides
        )
        train_detector(config, run, "cpu", resume=False)
        rows = list(csv.DictReader((run / "log.csv").open(encoding="utf-8")))
    print(f"{'epoch':>5} {'images/s':>9} {'waiting for data':>17} {'memory MiB':>11}")
    for row, mib in zip(rows, memory.mib, strict=True):
        speed, share = float(row["images_per_second"]), float(row["loading_share"])
        print(f"{int(row['epoch']) + 1:5} {speed:9.2f} {share:17.1%} {mib:11.0f}")


if __name__ == "__main__":
    main()
