"""What an annotated film and its crops cost, as a part of the time that finding takes.

One drawn film of 3000x2000 pixels and 16 bits; finding includes reading it, writing its pictures
includes drawing them and two crops. The ratios of one run can be compared with those of another.

    python benchmarks/pictures.py
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from inference import write_film

from formats.film_reading.reader import read_grey
from formats.results import Detection
from pipeline import load
from reports.films.annotated_film_files import write_annotated_film, write_crops
from reports.films.picture_files import PictureFormat

BOXES_XYXY = ((400.0, 1200.0, 700.0, 1500.0), (900.0, 1700.0, 1200.0, 1900.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.png"
        write_film(path)
        contenders = contending(path)
        seconds: dict[str, list[float]] = {name: [] for name in contenders}
        for turn in range(rounds + 1):
            for name, run in contenders.items():
                begin = time.perf_counter()
                run()
                # The first turn warms up.
                if turn:
                    seconds[name].append(time.perf_counter() - begin)
    finding = statistics.median(seconds["finding"])
    print(f"{'step':15} {'median s':>9} {'step / finding':>15}")
    for name, values in seconds.items():
        median = statistics.median(values)
        print(f"{name:15} {median:9.3f} {median / finding:15.3f}")


def contending(path: Path) -> dict[str, Callable[[], object]]:
    """Return finding, and writing the pictures in each format."""
    finder = load(device="cpu")
    film = read_grey(path)
    detections = [
        Detection(
            bbox_xyxy=box, score=0.5, label="Cancer", label_scores={"Benign": 0.2, "Cancer": 0.8}
        )
        for box in BOXES_XYXY
    ]
    result = replace(finder.predict(path), detections=detections)

    def write(form: PictureFormat) -> None:
        write_annotated_film(film, result, "film", path.parent, form)
        write_crops(film, result, "film", path.parent, form)

    return {
        "finding": lambda: finder.predict(path),
        "pictures, png": lambda: write(PictureFormat.png),
        "pictures, jpg": lambda: write(PictureFormat.jpg),
    }


if __name__ == "__main__":
    main()
