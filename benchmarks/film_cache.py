"""Peak memory of a detector's training by the number of views, and how fast a second one starts.

    python benchmarks/film_cache.py [--few 200 --many 2000 --side-px 256]

Films of noise with a bright disc each are drawn, 1200x800 pixels, no two alike. Each training is a
process of its own that learns from `--steps` batches of 4 and then loads the whole epoch's; the
peak is the process' own. The start is from the two COCO files to data sets that give examples.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from formats.coco import CocoAnnotation, CocoDataset, CocoImage, write_coco

FILM_SHAPE_PX = (1200, 800)
VALIDATION_VIEWS = 8
CHILD = """
import itertools, json, resource, sys, time
from pathlib import Path
from detector.config import DetectorConfig, DetectorData, DetectorInput, DetectorModel
from detector.training_task import DetectorTask, read_detection_data
from training.config import OptimisationConfig
import torch
folder, cache_dir = Path(sys.argv[1]), sys.argv[2]
side_px, steps = map(int, sys.argv[3:])
torch.set_num_threads(1)
config = DetectorConfig(
    data=DetectorData(
        train_coco=str(folder / "train.json"),
        val_coco=str(folder / "val.json"),
        image_root=str(folder),
    ),
    input=DetectorInput(side_px=side_px),
    model=DetectorModel(),
    optimisation=OptimisationConfig(batch_size=4, cache_dir=cache_dir),
)
begin = time.perf_counter()
read_detection_data(config)
start = time.perf_counter() - begin
task = DetectorTask(config, torch.device("cpu"))
optimizer = torch.optim.AdamW(task.model.parameters())
task.begin_epoch(task.model, 0)
loading = learning = 0.0
batches = iter(task.train_loader)
for _ in range(steps):
    begin = time.perf_counter()
    batch = next(batches)
    middle = time.perf_counter()
    sum(task.losses(task.model, batch).values()).backward()
    optimizer.step()
    optimizer.zero_grad()
    loading, learning = loading + middle - begin, learning + time.perf_counter() - middle
# Every example is looked at, as an epoch would.
for _ in itertools.islice(batches, 10**9):
    pass
print(json.dumps({
    "start_s": start,
    "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10,
    "loading_share": loading / (loading + learning),
}))
"""


def make_views(folder: Path, view_count: int) -> None:
    """Write films of noise with a bright disc each, every one of them another, and their COCO."""
    folder.mkdir()
    random = np.random.default_rng(0)
    texture = cv2.GaussianBlur(random.normal(90, 60, FILM_SHAPE_PX), (0, 0), 6)
    height_px, width_px = FILM_SHAPE_PX
    images: list[CocoImage] = []
    annotations: list[CocoAnnotation] = []
    for number in range(1, view_count + VALIDATION_VIEWS + 1):
        film = np.roll(texture, random.integers(0, 800, 2), (0, 1))
        film = (film + random.normal(0, 4, FILM_SHAPE_PX)).clip(0, 200)
        x, y, side_px = (int(v) for v in random.integers((50, 50, 60), (600, 1000, 150)))
        centre = x + side_px // 2, y + side_px // 2
        cv2.circle(film, centre, side_px // 2, 255.0, cv2.FILLED)
        name = f"{number}.jpg"
        cv2.imwrite(str(folder / name), film.astype(np.uint8))
        images.append(
            {
                "id": number,
                "file_name": name,
                "width": width_px,
                "height": height_px,
                "case_id": f"A_{number:05d}",
            }
        )
        annotations.append(
            {
                "id": number,
                "image_id": number,
                "category_id": 1,
                "bbox": [x, y, side_px, side_px],
                "area": side_px**2,
                "iscrowd": 0,
            }
        )
    parts = {"train": slice(VALIDATION_VIEWS, None), "val": slice(0, VALIDATION_VIEWS)}
    for name, part in parts.items():
        coco = CocoDataset(images=images[part], annotations=annotations[part], description=name)
        write_coco(coco, folder / f"{name}.json")


def train(folder: Path, cache_dir: Path, side_px: int, steps: int) -> dict[str, float]:
    command = [sys.executable, "-c", CHILD, str(folder), str(cache_dir), str(side_px), str(steps)]
    finished = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    figures: dict[str, float] = json.loads(finished.stdout)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=200)
    parser.add_argument("--many", type=int, default=2000)
    parser.add_argument("--side-px", type=int, default=256)
    parser.add_argument("--steps", type=int, default=10)
    arguments = parser.parse_args()
    peaks = {}
    with tempfile.TemporaryDirectory() as root:
        for count in (arguments.few, arguments.many):
            films, kept = Path(root) / f"films_{count}", Path(root) / f"kept_{count}"
            make_views(films, count)
            first, second = (
                train(films, kept, arguments.side_px, arguments.steps) for _ in range(2)
            )
            peaks[count] = max(first["peak_mib"], second["peak_mib"])
            print(
                f"{count} views: start {first['start_s']:.2f} s, again {second['start_s']:.2f} s "
                f"({second['start_s'] / first['start_s']:.3f}); peak {first['peak_mib']:.0f} and "
                f"{second['peak_mib']:.0f} MiB; {second['loading_share']:.1%} of a step is loading",
                flush=True,
            )
    few, many = peaks.values()
    print(f"peak of {arguments.many} over {arguments.few} views: {many / few:.3f}")


if __name__ == "__main__":
    main()
