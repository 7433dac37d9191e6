"""Films a second over a folder through the embedded pair, against one call after the other.

    python benchmarks/folder.py [--films 8 --rounds 5]

The other way is film after film, each network call spread over all cores, of 32 crops where it is
of crops, and neither normalisation nor padding folded into its convolutions. Both take turns, each
in a process of its own; the table gives medians and ratios, then one film's time alone, and beside
as many busy processes as there are cores.
"""

import argparse
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
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
CROP_PREDICTOR = ("classifier.crops.predictor",)
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


@cache
def folded_finder() -> TumourFinder:
    return load(device="cpu")


@cache
def plain_finder() -> TumourFinder:
    with (
        replaced("folded", lambda network, example_shape: network, NETWORKS),
        replaced("pad_kernels", lambda network: None, ("training.networks.backbones",)),
    ):
        return load(device="cpu")


def one_by_one(paths: list[Path]) -> Results:
    finder = plain_finder()
    with replaced("begin", at_once, PREDICTORS), replaced("BATCH_SIZE", 32, CROP_PREDICTOR):
        return [finder.predict(path) for path in paths]


def side_by_side(paths: list[Path]) -> Results:
    finder = folded_finder()
    if len(paths) == 1:
        return [finder.predict(paths[0])]
    outcomes = finder.predict_files(paths)
    return [outcome.result for outcome in outcomes if isinstance(outcome, InferredFile)]


WAYS = {"side by side": side_by_side, "one by one": one_by_one}


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What a way did with some films."""

    seconds: float
    results: Results
    peak_mib: float
    """Of its process, until now."""


def take_turn(way: str, paths: list[Path]) -> Turn:
    begin = time.perf_counter()
    results = WAYS[way](paths)
    seconds = time.perf_counter() - begin
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    return Turn(seconds=seconds, results=results, peak_mib=peak_mib)


def take_turns(
    processes: dict[str, ProcessPoolExecutor], paths: list[Path], rounds: int
) -> dict[str, Turn]:
    """Return each way's last turn, of the median seconds."""
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    last = {}
    for turn in range(rounds + 1):
        for way, process in processes.items():
            last[way] = process.submit(take_turn, way, paths).result()
            # The first turn warms up.
            if turn:
                seconds[way].append(last[way].seconds)
    return {way: replace(last[way], seconds=statistics.median(seconds[way])) for way in WAYS}


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
    spawning = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        paths = write_films(Path(folder), arguments.films)
        processes = {
            way: stack.enter_context(ProcessPoolExecutor(1, mp_context=spawning)) for way in WAYS
        }
        all_films = take_turns(processes, paths, arguments.rounds)
        quiet = take_turns(processes, paths[:1], arguments.rounds)
        busy = [
            multiprocessing.Process(target=compute_for_ever, daemon=True)
            for _ in range(torch.get_num_threads())
        ]
        for process in busy:
            process.start()
        crowded = take_turns(processes, paths[:1], arguments.rounds)
        for process in busy:
            process.kill()
    print(f"{'way':14} {'films/s':>8} {'one film s':>11} {'busy s':>8} {'busy / quiet':>13}")
    for way in WAYS:
        speed = arguments.films / all_films[way].seconds
        one, beside = quiet[way].seconds, crowded[way].seconds
        print(f"{way:14} {speed:8.2f} {one:11.3f} {beside:8.3f} {beside / one:13.2f}")
    side, other = (all_films[way] for way in WAYS)
    print(f"films a second: {other.seconds / side.seconds:.2f} times")
    single, other_single = (quiet[way].seconds for way in WAYS)
    print(f"one film's time: {single / other_single:.2f} times")
    difference = largest_difference(side.results, other.results)
    print("largest difference: {:.4f} px, {:.1e} of score".format(*difference))
    print(f"peak: {side.peak_mib:.0f} MiB side by side, {other.peak_mib:.0f} one by one")


if __name__ == "__main__":
    main()
