"""Time of one film through the embedded pair, against torchvision's detectors in the same run.

    python benchmarks/inference.py [--rounds 5]

Each contender reads the same 3000x2000 16-bit PNG, finds boxes, and classifies the crop of the
best one. The methods take turns, so that a machine whose speed drifts is fair to all; the table
gives the median of each and its ratio to the embedded pair.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
import torchvision

from formats.film_reading.reader import apply_window, intensity_window, read_grey
from pipeline import load

FILM_SHAPE_PX = (3000, 2000)
REFERENCE_SIDE_PX = 800
CROP_SIDE_PX = 224
REFERENCES = ("fasterrcnn_resnet50_fpn_v2", "fasterrcnn_mobilenet_v3_large_fpn")


def write_film(path: Path) -> None:
    """Write a bright ellipse with film-like texture as a 16-bit PNG."""
    random = np.random.default_rng(0)
    rows, columns = np.indices(FILM_SHAPE_PX)
    height_px, width_px = FILM_SHAPE_PX
    breast = (columns / (0.8 * width_px)) ** 2 + ((rows / height_px - 0.5) * 2.2) ** 2 < 1
    coarse = random.normal(0, 1, (height_px // 20, width_px // 20)).astype(np.float32)
    texture = cv2.resize(coarse, (width_px, height_px), interpolation=cv2.INTER_CUBIC)
    noise = random.normal(0, 200, FILM_SHAPE_PX)
    levels = np.where(breast, 20000 + 6000 * texture + noise, 300 + 0.2 * np.abs(noise))
    cv2.imwrite(str(path), levels.clip(0, 65535).astype(np.uint16))


def embedded_pair() -> Callable[[Path], None]:
    finder = load(device="cpu")

    def run(path: Path) -> None:
        finder.predict(path)

    return run


def reference_pair(name: str) -> Callable[[Path], None]:
    """Build a torchvision detector at 800 pixels and an EfficientNet-B0, both in eager mode."""
    constructor = getattr(torchvision.models.detection, name)
    detector = constructor(
        weights=None,
        weights_backbone=None,
        min_size=REFERENCE_SIDE_PX,
        max_size=2 * REFERENCE_SIDE_PX,
    ).eval()
    classifier = torchvision.models.efficientnet_b0(weights=None, num_classes=2).eval()

    @torch.inference_mode()
    def run(path: Path) -> None:
        film = read_grey(path)
        grey = apply_window(film, intensity_window(film))
        image = (torch.from_numpy(grey)[None].float() / 255).expand(3, -1, -1)
        detector([image])
        classifier(image[None, :, :CROP_SIDE_PX, :CROP_SIDE_PX])

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(2)
    contenders = {"embedded pair": embedded_pair()}
    contenders |= {f"{name} + efficientnet_b0": reference_pair(name) for name in REFERENCES}
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.png"
        write_film(path)
        for turn in range(rounds + 1):
            for name, run in contenders.items():
                begin = time.perf_counter()
                run(path)
                # The first turn warms up.
                if turn:
                    seconds[name].append(time.perf_counter() - begin)
    own = statistics.median(seconds["embedded pair"])
    print(f"{'method':55} {'median s':>9} {'embedded pair / method':>23}")
    for name, values in seconds.items():
        median = statistics.median(values)
        print(f"{name:55} {median:9.3f} {own / median:23.3f}")


if __name__ == "__main__":
    main()
