"""Time and memory of converting Mini-DDSM, against OpenCV merely decoding the same masks.

    python benchmarks/conversion.py [--cases 150] [--rounds 5] [--root DIR]

Phantoms are drawn, and enlarged to Mini-DDSM's size, for 20 and for `--cases` cases, in a process
of their own: it would leave this one with memory already set up, as no user's is. The contenders
run here on all cores and take turns; the table gives the median of each and its ratio to decoding,
by the clock and by processor time, which other programs disturb less. "reading" is all that is done
for each file; "conversion" is everything: the tables, the split, the COCO files, the report and its
figures too, which cost about the same for any data set. So the last lines divide what the further
cases add. Peak memory is that of a process of its own. With `--root` the times of that data set are
measured as well.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from converters.conversion import Settings, convert
from converters.ddsm_files.disk import DiskIndex
from converters.ddsm_files.metadata import read_metadata
from converters.mini_ddsm import read_views
from converters.records import TableRow
from formats.film_reading.reader import read_grey
from phantoms.data_set import make_phantoms

COMMAND = [sys.executable, "-m", "commands", "convert-mini-ddsm"]
FEW_CASES = 20
# A phantom is 800 pixels high, a film of Mini-DDSM about 2,400.
ENLARGEMENT = 3


def enlarge(path: Path) -> None:
    image = read_grey(path)
    is_mask = "mask" in path.name.lower()
    interpolation = cv2.INTER_NEAREST if is_mask else cv2.INTER_LINEAR
    large = cv2.resize(image, None, fx=ENLARGEMENT, fy=ENLARGEMENT, interpolation=interpolation)
    cv2.imwrite(str(path), large)


def make_large_phantoms(root: Path, cases: int) -> None:
    make_phantoms(root, cases, seed=0)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(enlarge, root.rglob("*.jpg")))


def decode(mask_paths: Sequence[Path]) -> None:
    """Decode the masks on as many threads as the converter has."""
    read = partial(cv2.imread, flags=cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(read, map(str, mask_paths)):
            pass


def find_masks(rows: Sequence[TableRow], disk: DiskIndex) -> list[Path]:
    matches = (disk.find(mask) for row in rows for mask in row.mask_files)
    return [disk.path(match.file_name) for match in matches if match is not None]


class Seconds(NamedTuple):
    """Of the clock, and of the processors together."""

    wall: float
    cpu: float


def measure_times(root: Path, output_dir: Path, rounds: int) -> dict[str, Seconds]:
    """Return the median times of decoding, reading and conversion."""
    disk = DiskIndex(root)
    rows = read_metadata([], disk).table.rows
    masks = find_masks(rows, disk)
    contenders: dict[str, Callable[[], object]] = {
        "decoding": partial(decode, masks),
        "reading": partial(read_views, rows, disk),
        "conversion": partial(convert, root, [], output_dir, Settings()),
    }
    times: dict[str, list[Seconds]] = {name: [] for name in contenders}
    for turn in range(rounds + 1):
        for name, run in contenders.items():
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            # The first turn warms up.
            if turn:
                taken = Seconds(time.perf_counter() - wall, time.process_time() - cpu)
                times[name].append(taken)
    medians = {
        name: Seconds(*map(statistics.median, zip(*taken, strict=True)))
        for name, taken in times.items()
    }
    print_times(f"{len(rows)} views, {len(masks)} masks of {root.name}", medians)
    return medians


def print_times(title: str, times: dict[str, Seconds]) -> None:
    print(title)
    base = times["decoding"]
    for name, (wall, cpu) in times.items():
        print(
            f"  {name:12} {wall:8.3f} s {wall / base.wall:6.2f} x decoding"
            f"    CPU {cpu:8.3f} s {cpu / base.cpu:6.2f} x decoding",
            flush=True,
        )


def peak_memory_mib(root: Path, output_dir: Path) -> float:
    paths = ["--root", str(root), "--output-dir", str(output_dir)]
    process = subprocess.Popen(
        [*COMMAND, *paths], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"{root}: the conversion failed; run it by hand")
    return usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--root", type=Path, help="time on this data set too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        output_dir = Path(folder) / "output"
        times = {}
        for cases in (FEW_CASES, arguments.cases):
            root = Path(folder) / f"{cases}-phantoms"
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                pool.submit(make_large_phantoms, root, cases).result()
            print(f"peak memory, {cases} cases: {peak_memory_mib(root, output_dir):.0f} MiB")
            times[cases] = measure_times(root, output_dir, arguments.rounds)
        few, many = times[FEW_CASES], times[arguments.cases]
        added = {name: Seconds(*np.subtract(many[name], few[name])) for name in many}
        print_times("what the further cases add", added)
        if arguments.root:
            measure_times(arguments.root, output_dir, arguments.rounds)


if __name__ == "__main__":
    main()
