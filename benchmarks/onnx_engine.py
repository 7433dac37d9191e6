"""The embedded pair by onnxruntime against torch: the same boxes, and the time of a film.

    python benchmarks/onnx_engine.py [--cases 25 --films-a-turn 10]

On synthetic films, four a case. Both take turns at the same films, as `mammo infer` goes through a
folder, at the operating point `balanced`; then every listed box of both is compared, whatever its
score, with the one of the other that it overlaps most.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from formats.film_reading.reader import read_film
from formats.geometry.boxes import iou_xyxy
from formats.results import LOWEST_LISTED_SCORE, Detection
from phantoms.data_set import make_phantoms
from pipeline.method_names import DEFAULT_OPERATING_POINT
from pipeline.tumour_finder import TumourFinder
from pipeline.two_stage import TwoStage, load_two_stage
from training.networks.runtime import Runtime

# What takes turns is fair to both; beside other programs, processor time says more than the clock.
CLOCKS = {"by the clock": time.perf_counter, "processor time": time.process_time}


def seconds_a_film(
    models: dict[Runtime, TwoStage], paths: list[Path], films_a_turn: int
) -> dict[Runtime, list[list[float]]]:
    """Return each engine's seconds a film in each turn, by each of `CLOCKS`."""
    finders = {
        runtime: TumourFinder(model, DEFAULT_OPERATING_POINT) for runtime, model in models.items()
    }
    seconds: dict[Runtime, list[list[float]]] = {runtime: [] for runtime in models}
    for turn in range(0, len(paths), films_a_turn):
        films = paths[turn : turn + films_a_turn]
        for runtime, finder in finders.items():
            begin = [clock() for clock in CLOCKS.values()]
            for _ in finder.predict_files(films):
                pass
            end = [clock() for clock in CLOCKS.values()]
            seconds[runtime].append([(e - b) / len(films) for b, e in zip(begin, end, strict=True)])
    return seconds


def listed_boxes(model: TwoStage, path: Path) -> list[Detection]:
    film = read_film(path).pixels
    return model.predict(film, path.name, LOWEST_LISTED_SCORE, LOWEST_LISTED_SCORE).detections


def differences(some: list[Detection], others: list[Detection]) -> tuple[float, float]:
    """Return the smallest IoU of a box with its partner, and the largest difference of scores."""
    if not some and not others:
        return 1.0, 0.0
    if len(some) != len(others):
        return 0.0, 1.0
    boxes = (np.array([box.bbox_xyxy for box in found]) for found in (some, others))
    overlaps = iou_xyxy(*boxes)
    partners = [others[index] for index in overlaps.argmax(axis=1)]
    of_scores = (abs(a.score - b.score) for a, b in zip(some, partners, strict=True))
    return float(overlaps.max(axis=1).min()), max(of_scores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=25)
    parser.add_argument("--films-a-turn", type=int, default=10)
    arguments = parser.parse_args()
    begin = time.perf_counter()
    models = {Runtime.torch: load_two_stage(None, None, "cpu")}
    loaded = time.perf_counter()
    models[Runtime.onnx] = load_two_stage(None, None, "cpu", runtime=Runtime.onnx)
    print(f"loading: torch {loaded - begin:.1f} s, onnx {time.perf_counter() - loaded:.1f} s")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "phantoms"
        make_phantoms(root, arguments.cases, seed=0)
        paths = sorted(path for path in root.rglob("*.jpg") if "ask" not in path.name)
        # The first film warms up.
        seconds_a_film(models, paths[:1], 1)
        seconds = seconds_a_film(models, paths, arguments.films_a_turn)
        pairs = [[listed_boxes(model, path) for model in models.values()] for path in paths]
    for place, name in enumerate(CLOCKS):
        by_torch, by_onnx = ([turn[place] for turn in seconds[runtime]] for runtime in Runtime)
        ratios = [a / b for a, b in zip(by_torch, by_onnx, strict=True)]
        print(
            f"{name}: torch {statistics.median(by_torch):.3f} s a film, "
            f"onnx {statistics.median(by_onnx):.3f}; torch / onnx {statistics.median(ratios):.2f} "
            f"times in the median of {len(ratios)} turns ({min(ratios):.2f} to {max(ratios):.2f})"
        )
    compared = [differences(*pair) for pair in pairs]
    print(
        f"{len(paths)} films, {sum(len(boxes) for boxes, _ in pairs)} boxes: smallest IoU "
        f"{min(iou for iou, _ in compared):.5f}, scores differ by at most "
        f"{max(score for _, score in compared):.1e}"
    )


if __name__ == "__main__":
    main()
