"""Films a second over a folder through the embedded pair, against one call after the other.

    python benchmarks/folder.py [--films 8 --rounds 5]

The other way is film after film, each network call spread over all cores and its normalisation
not folded in. Both take turns in one process; the table gives medians and ratios, then one film's
time alone, and beside as many busy processes as there are cores.
"""

import argparse
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
import torch

from formats.film_reading.pictures import read_picture
from formats.results import ImageResult
from pipeline import load
from pipeline.tumour_finder import InferredFile, TumourFinder

EXAMPLE = Path(__file__).parents[1] / "examples" / "cancer_many.png"
FILM_SHAPE_PX = (3000, 2000)
PREDICTORS = ("detector.predictor", "classifier.crops.predictor")
NETWORKS = ("detector.inference_network", "classifier.crops.inference_network")
Results = list[ImageResult]


def write_films(folder: Path, count: int) -> list[Path]:
    """Write an example film, enlarged, as 16-bit PNG files."""
    example = read_picture(EXAMPLE)
    enlarged = cv2.resize(example, FILM_SHAPE_PX[::-1], interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).integers(0, 128, FILM_SHAPE_PX)
    paths = [folder / f"{number}.png" for number in range(count)]
    for path in paths:
        cv2.imwrite(str(path), (enlarged.astype(np.uint16) * 200 + noise).astype(np.uint16))
    return paths


def at_once(call: Callable[[], object]) -> Future[object]:
    """Run a call in the caller's thread, spread over all cores, in place of beginning it."""
    finished: Future[object] = Future()
    finished.set_result(call())
    return finished


@contextmanager
def replaced(name: str, replacement: object, modules: Sequence[str]) -> Iterator[None]:
    with ExitStack() as stack:
        for module in modules:
            stack.enter_context(patch(f"{module}.{name}", replacement))
        yield


def one_by_one(finder: TumourFinder, paths: list[Path]) -> Results:
    with replaced("begin", at_once, PREDICTORS):
        return [finder.predict(path) for path in paths]


def side_by_side(finder: TumourFinder, paths: list[Path]) -> Results:
    outcomes = finder.predict_files(paths)
    return [outcome.result for outcome in outcomes if isinstance(outcome, InferredFile)]


def take_turns(
    ways: dict[str, Callable[[], Results]], rounds: int
) -> tuple[dict[str, float], dict[str, Results]]:
    """Return each way's median seconds and its results."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    results = {}
    for turn in range(rounds + 1):
        for name, run in ways.items():
            begin = time.perf_counter()
            results[name] = run()
            # The first turn warms up.
            if turn:
                seconds[name].append(time.perf_counter() - begin)
    return {name: statistics.median(values) for name, values in seconds.items()}, results


def largest_difference(some: Results, others: Results) -> tuple[float, float]:
    """Return the largest of boxes in pixels and of scores; fails where a box has no partner."""
    pairs = [
        (one, other)
        for image, same in zip(some, others, strict=True)
        for one, other in zip(image.detections, same.detections, strict=True)
    ]
    boxes = [np.abs(np.subtract(one.bbox_xyxy, other.bbox_xyxy)).max() for one, other in pairs]
    return float(max(boxes)), max(abs(one.score - other.score) for one, other in pairs)


def compute_for_ever() -> None:
    while True:
        sum(range(10**6))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    finder = load(device="cpu")
    with tempfile.TemporaryDirectory() as folder:
        paths = write_films(Path(folder), arguments.films)
        side_by_side(finder, paths)
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
        with replaced("folded", lambda network, example_shape: network, NETWORKS):
            plain = load(device="cpu")
        ways = {
            "side by side": lambda: side_by_side(finder, paths),
            "one by one": lambda: one_by_one(plain, paths),
        }
        seconds, results = take_turns(ways, arguments.rounds)
        singles: dict[str, Callable[[], list[ImageResult]]] = {
            "side by side": lambda: [finder.predict(paths[0])],
            "one by one": lambda: one_by_one(plain, paths[:1]),
        }
        quiet, _ = take_turns(singles, arguments.rounds)
        busy = [
            multiprocessing.Process(target=compute_for_ever, daemon=True)
            for _ in range(torch.get_num_threads())
        ]
        for process in busy:
            process.start()
        crowded, _ = take_turns(singles, arguments.rounds)
        for process in busy:
            process.kill()
    print(f"{'way':14} {'films/s':>8} {'one film s':>11} {'busy s':>8} {'busy / quiet':>13}")
    for name in ways:
        speed = arguments.films / seconds[name]
        ratio = crowded[name] / quiet[name]
        print(f"{name:14} {speed:8.2f} {quiet[name]:11.3f} {crowded[name]:8.3f} {ratio:13.2f}")
    print(f"films a second: {seconds['one by one'] / seconds['side by side']:.2f} times")
    print(f"one film's time: {quiet['side by side'] / quiet['one by one']:.2f} times")
    difference = largest_difference(results["side by side"], results["one by one"])
    print("largest difference: {:.4f} px, {:.1e} of score".format(*difference))
    print(f"peak side by side: {peak_mib:.0f} MiB")


if __name__ == "__main__":
    main()
