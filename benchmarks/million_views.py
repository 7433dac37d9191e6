"""What a million views take, on paper and by simulation, from what is measured here.

    python benchmarks/million_views.py [--views 1000000] [--seconds-a-view 1.47]

Measured with fake views: what a part costs Ray and the process that hands parts out, and what a
view with `--boxes` boxes costs the one process that puts the results together, in time, memory and
disk. Given: a core's seconds a view (two cores over the films a second of `benchmarks/folder.py`),
a film's megabytes, and the megabytes a second that the films' disk gives to all machines together.

On paper all cores work all the time. The simulation has actors that start, wait to be handed a part
and wait for the films' disk, by turns; their parts differ in length by a tenth, and a tenth of the
actors is killed once, to come back as new.
"""

import argparse
import heapq
import random
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from formats.coco import CocoDataset
from formats.results import Detection, ImageResult, ModelFile
from pipeline.many_films import ray_run
from pipeline.many_films.data_set import Method, write_finished
from pipeline.many_films.journal import Journal
from pipeline.many_films.ray_run import FILMS_A_PART, predict_with_actors

MACHINES = (1, 4, 16, 64, 256)
CORES_A_MACHINE = 2
SCORES = {"Normal": 0.5, "Benign": 0.25, "Cancer": 0.25}
SIDE_PX = 64


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Of one view, unless said otherwise."""

    compute_s: float
    film_mb: float
    disk_mb_per_s: float
    """For all machines together."""
    start_s: float
    """Of an actor, until it has loaded the networks."""
    part_s: float
    """Of handing out a part, one after the other."""
    merge_s: float
    """Of the end, which is one process' work."""


def find_nothing(films: Sequence[np.ndarray], names: Sequence[str]) -> list[ImageResult]:
    return [
        ImageResult(file_name=name, width=SIDE_PX, height=SIDE_PX, label="Normal", scores=SCORES)
        for name in names
    ]


def load() -> Method:
    return Method(name="single", models=[ModelFile("fake", "0")], predict=find_nothing)


def small_films(folder: Path, count: int) -> CocoDataset:
    film = np.random.default_rng(0).integers(0, 255, (SIDE_PX, SIDE_PX)).astype(np.uint8)
    names = [f"{number}.png" for number in range(count)]
    for name in names:
        cv2.imwrite(str(folder / name), film)
    size = {"width": SIDE_PX, "height": SIDE_PX}
    return CocoDataset(
        images=[{"id": n, "file_name": name, **size} for n, name in enumerate(names, start=1)],  # type: ignore[typeddict-item]
        annotations=[],
    )


def measure_part(folder: Path) -> tuple[float, float]:
    """Return the seconds until actors are there, and those of each part more."""
    ray_run.FILMS_A_PART = 1
    seconds = {}
    for parts in (10, 210):
        begin = time.perf_counter()
        dataset = small_films(folder, parts)
        predict_with_actors(load, dataset, folder, folder / "results.json", actors=2)
        seconds[parts] = time.perf_counter() - begin
    part_s = (seconds[210] - seconds[10]) / 200
    return seconds[10] - 10 * part_s, part_s


def measure_merge(folder: Path, views: int, boxes: int) -> tuple[float, float, float]:
    """Return a view's seconds, kilobytes of memory, and kilobytes of results on disk."""
    dataset = small_films(folder, views)
    scores = {"Benign": 0.123456789012345, "Cancer": 0.876543210987655}
    box = Detection(
        bbox_xyxy=(1.2345678901234, 2.3456789012345, 33.456789012345, 44.567890123456),
        score=0.123456789012345,
        label="Cancer",
        label_scores=scores,
    )
    names = [image["file_name"] for image in dataset.images]
    found = [replace(result, detections=[box] * boxes) for result in find_nothing([], names)]
    output = folder / "results.json"
    journal = Journal(output, {}, folder)
    journal.start_anew()
    journal.append(found)
    del found
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.perf_counter()
    write_finished(load(), dataset, journal.read(), output)
    seconds = time.perf_counter() - begin
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    files = [*folder.glob("results*")]
    return seconds / views, grown_kb / views, sum(f.stat().st_size for f in files) / 1024 / views


def on_paper(costs: Costs, views: int, cores: int) -> dict[str, float]:
    """Return the seconds of each thing that a run waits for."""
    return {
        "compute": costs.start_s + views * costs.compute_s / cores,
        "films' disk": views * costs.film_mb / costs.disk_mb_per_s,
        "handing out": views / FILMS_A_PART * costs.part_s,
        "putting together": views * costs.merge_s,
    }


def simulated(costs: Costs, views: int, cores: int) -> float:
    """Return the seconds of a run whose parts are followed one by one."""
    rng = random.Random(0)
    parts = -(-views // FILMS_A_PART)
    ready = [(costs.start_s, actor) for actor in range(cores)]
    killed = {actor for actor in range(cores) if rng.random() < 0.1}
    handing_free = disk_free = end = 0.0
    for number in range(parts):
        now, actor = heapq.heappop(ready)
        handing_free = max(handing_free, now) + costs.part_s
        reading_s = FILMS_A_PART * costs.film_mb / costs.disk_mb_per_s
        disk_free = max(disk_free, handing_free) + reading_s
        work_s = FILMS_A_PART * costs.compute_s * rng.gauss(1, 0.1)
        if actor in killed and number > parts // 2:
            killed.remove(actor)
            # What is finished is kept: at most a batch is done again.
            work_s += costs.start_s + 8 * costs.compute_s
        # The next film is read while this one is computed.
        finished = max(handing_free + work_s, disk_free)
        end = max(end, finished)
        heapq.heappush(ready, (finished, actor))
    return end + views * costs.merge_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--views", type=int, default=1_000_000)
    parser.add_argument("--seconds-a-view", type=float, default=1.47, help="of one core")
    parser.add_argument("--film-mb", type=float, default=12.0)
    parser.add_argument("--disk-mb-per-s", type=float, default=1000.0)
    parser.add_argument("--boxes", type=int, default=30, help="a view (default: 30)")
    parser.add_argument("--start-seconds", type=float, default=20.0, help="of an actor")
    arguments = parser.parse_args()
    views = arguments.views
    with tempfile.TemporaryDirectory() as name:
        merge_s, memory_kb, results_kb = measure_merge(Path(name), 4000, arguments.boxes)
    with tempfile.TemporaryDirectory() as name:
        ray_start_s, part_s = measure_part(Path(name))
    costs = Costs(
        compute_s=arguments.seconds_a_view,
        film_mb=arguments.film_mb,
        disk_mb_per_s=arguments.disk_mb_per_s,
        start_s=arguments.start_seconds + ray_start_s,
        part_s=part_s,
        merge_s=merge_s,
    )
    print(f"Ray and its actors start in {ray_start_s:.1f} s, a part costs {part_s:.3f} s;")
    print(
        f"a view with {arguments.boxes} boxes costs the end {1000 * merge_s:.2f} ms, "
        f"{memory_kb:.1f} kB of memory and {results_kb:.1f} kB of results"
    )
    print(
        f"{views} views: {views * arguments.film_mb / 1e6:.1f} TB of films, "
        f"{views * results_kb / 2**20:.0f} GiB of results, "
        f"{views * memory_kb / 2**20:.0f} GiB of memory at the end"
    )
    print("machines  paper, h  simulated, h  core hours  efficiency  longest")
    one_machine_h = 0.0
    for machines in MACHINES:
        cores = machines * CORES_A_MACHINE
        paper = on_paper(costs, views, cores)
        together_s = paper["putting together"]
        # The others go on side by side.
        paper_h = (max(s for name, s in paper.items() if s != together_s) + together_s) / 3600
        hours = simulated(costs, views, cores) / 3600
        one_machine_h = one_machine_h or hours
        print(
            f"{machines:8d} {paper_h:9.1f} {hours:13.1f} {hours * cores:11.0f} "
            f"{one_machine_h / hours / machines:11.2f}  {max(paper, key=lambda key: paper[key])}"
        )


if __name__ == "__main__":
    main()
