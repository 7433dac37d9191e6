"""Both detector engines on the same ResNet-50 pyramid, images and number of steps, from scratch.

    python benchmarks/engines.py DATA/annotations.json IMAGE_ROOT [--side-px 256 --epochs 10]

Both are trained and asked through this project's own loop and predictor. Every engine and round
has a process of its own, whose largest memory is reported, and the engines take turns, so that a
machine whose speed drifts is fair to both. Speeds are medians over the rounds.
"""

import argparse
import csv
import multiprocessing
import resource
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.utils.data import DataLoader

from detector.config import DetectorConfig, DetectorData, DetectorInput, DetectorModel, Engine
from detector.dataset import DetectionDataset, collate
from detector.model import load_detector
from detector.predictor import DetectorPredictor
from detector.training_task import train_detector
from detector.validation import detection_figures
from formats.coco import CocoDataset, read_coco, write_coco
from formats.film_reading.reader import read_grey
from training.config import OptimisationConfig
from training.examples.film_cache import open_film_cache

BATCH_SIZE = 4
BACKBONES = {Engine.torchvision: "resnet50", Engine.detectron2: DetectorModel().backbone}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one engine reached in one round."""

    images_per_second: float
    """In the last epoch of training."""
    inference_seconds: float
    """For one film in memory."""
    memory_gib: float
    ap50_seen: float
    """On the images that were learnt from."""
    ap50_unseen: float
    """On images of other cases."""


def split(dataset: CocoDataset, train_images: int, unseen_images: int) -> list[CocoDataset]:
    """Take the first images, and as many as asked of the last ones whose cases are others."""
    train = dataset.images[:train_images]
    seen_cases = {image["case_id"] for image in train}
    others = [image for image in dataset.images if image["case_id"] not in seen_cases]
    return [dataset.subset(train), dataset.subset(others[-unseen_images:])]


def make_config(engine: Engine, data: DetectorData, side_px: int, epochs: int) -> DetectorConfig:
    return DetectorConfig(
        data=data,
        input=DetectorInput(side_px=side_px),
        model=DetectorModel(
            engine=engine, backbone=BACKBONES[engine], pyramid_channels=256, head_width=1024
        ),
        optimisation=OptimisationConfig(
            epochs=epochs, batch_size=BATCH_SIZE, learning_rate=1e-4, ema_decay=0.9
        ),
    )


def measure(config: DetectorConfig, device_name: str) -> Figures:
    """Train, find on the same images, and report; runs in a process of its own."""
    torch.set_num_threads(2)
    device = torch.device(device_name)
    with tempfile.TemporaryDirectory() as folder:
        run_dir = Path(folder) / "run"
        train_detector(config, run_dir, device_name, resume=False)
        with (run_dir / "log.csv").open(encoding="utf-8") as stream:
            last_epoch = list(csv.DictReader(stream))[-1]
        memory_gib = peak_memory_gib(device)
        model = load_detector(run_dir / "last.safetensors")[0].to(device)
        predictor = DetectorPredictor.from_checkpoint(run_dir / "last.safetensors", device)
    data = config.data
    seen = DetectionDataset(
        read_coco(Path(data.train_coco)),
        Path(data.image_root),
        config.input,
        data.class_names,
        open_film_cache(config.optimisation.cache_dir, config.optimisation.cache_gib),
    )
    loader = DataLoader(seen, BATCH_SIZE, collate_fn=collate)
    return Figures(
        images_per_second=float(last_epoch["images_per_second"]),
        inference_seconds=median_seconds(predictor, data),
        memory_gib=memory_gib,
        ap50_seen=detection_figures(model, loader, device)["ap50"],
        ap50_unseen=float(last_epoch["val/ap50"]),
    )


def peak_memory_gib(device: torch.device) -> float:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated() / 2**30
    # Linux counts in KiB.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def median_seconds(predictor: DetectorPredictor, data: DetectorData) -> float:
    images = read_coco(Path(data.val_coco)).images
    films = [read_grey(Path(data.image_root) / image["file_name"]) for image in images]
    seconds = []
    # The first film warms up.
    for film in [films[0], *films]:
        begin = time.perf_counter()
        predictor.predict(film)
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds[1:])


def measure_in_turn(
    data: DetectorData, arguments: argparse.Namespace
) -> dict[Engine, list[Figures]]:
    figures: dict[Engine, list[Figures]] = {engine: [] for engine in Engine}
    for _ in range(arguments.rounds):
        for engine in Engine:
            config = make_config(engine, data, arguments.side_px, arguments.epochs)
            # A fresh process each: memory's peak can't be reset.
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                figures[engine].append(pool.apply(measure, (config, arguments.device)))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("coco", type=Path)
    parser.add_argument("image_root", type=Path)
    parser.add_argument("--train-images", type=int, default=64)
    parser.add_argument("--unseen-images", type=int, default=32)
    parser.add_argument("--side-px", type=int, default=448)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / f"{name}.json") for name in ("train", "unseen")]
        parts = split(read_coco(arguments.coco), arguments.train_images, arguments.unseen_images)
        for part, path in zip(parts, paths, strict=True):
            write_coco(part, Path(path))
        data = DetectorData(
            train_coco=paths[0], val_coco=paths[1], image_root=str(arguments.image_root)
        )
        figures = measure_in_turn(data, arguments)
    steps = arguments.epochs * (arguments.train_images // BATCH_SIZE)
    print(f"{steps} steps of {BATCH_SIZE} images of {arguments.side_px} px on {arguments.device}")
    print(
        f"{'engine':12} {'train images/s':>15} {'s/film':>8} {'GiB':>6} {'AP50 seen, unseen':>18}"
    )
    for engine, rounds in figures.items():
        speed = statistics.median(round_.images_per_second for round_ in rounds)
        seconds = statistics.median(round_.inference_seconds for round_ in rounds)
        memory = max(round_.memory_gib for round_ in rounds)
        last = rounds[-1]
        print(
            f"{engine:12} {speed:14.2f} {seconds:8.3f} {memory:6.2f} "
            f"{last.ap50_seen:10.3f}, {last.ap50_unseen:6.3f}"
        )


if __name__ == "__main__":
    main()
