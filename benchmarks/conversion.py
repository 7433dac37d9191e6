"""Time and memory of converting Mini-DDSM, against OpenCV merely decoding the same masks.

    python benchmarks/conversion.py [--root DIR] [--cases 150] [--rounds 5]

The time is measured on the data set in `--root`, or on phantoms. Both contenders run in this
process on all cores and take turns; the table gives the median of each and its ratio to decoding.
"reading" is all that is done for each file, "conversion" also the tables, the split, the COCO
files, the report and its figures, which cost the same few hundred milliseconds for any data set.
Peak memory is that of a process of its own, for 20 and for `--cases` phantoms.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import cv2

from converters.conversion import Settings, convert
from converters.disk import DiskIndex
from converters.metadata import read_metadata
from converters.mini_ddsm import read_views
from converters.phantoms import make_phantoms
from converters.records import TableRow

TOOL = Path(__file__).parents[1] / "tools" / "convert_mini_ddsm.py"
FEW_CASES = 20


def decode(mask_paths: list[Path]) -> None:
    """Decode the masks as the converter does, on as many threads."""
    read = partial(cv2.imread, flags=cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(read, map(str, mask_paths)):
            pass


def mask_paths(rows: tuple[TableRow, ...], disk: DiskIndex) -> list[Path]:
    matches = (disk.find(mask) for row in rows for mask in row.mask_files)
    return [disk.path(match.file_name) for match in matches if match is not None]


def measure_times(root: Path, output_dir: Path, rounds: int) -> None:
    disk = DiskIndex(root)
    rows = read_metadata([], disk).table.rows
    masks = mask_paths(rows, disk)
    contenders: dict[str, Callable[[], object]] = {
        "decoding the masks": partial(decode, masks),
        "reading": partial(read_views, rows, disk),
        "conversion": partial(convert, root, [], output_dir, Settings()),
    }
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(rounds + 1):
        for name, run in contenders.items():
            begin = time.perf_counter()
            run()
            # The first turn warms up.
            if turn:
                seconds[name].append(time.perf_counter() - begin)
    base = statistics.median(seconds["decoding the masks"])
    print(f"{root}: {len(rows)} views, {len(masks)} masks")
    for name, values in seconds.items():
        median = statistics.median(values)
        print(f"  {name:20} {median:8.3f} s {median / base:7.2f} x decoding")


def peak_memory_mib(root: Path, output_dir: Path) -> float:
    paths = ["--root", str(root), "--output-dir", str(output_dir)]
    command = [sys.executable, str(TOOL), *paths]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"{root}: the conversion failed; run it by hand")
    return usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="time on this data set instead of phantoms")
    parser.add_argument("--cases", type=int, default=150, help="phantom cases; 0 for none")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        output_dir = Path(folder) / "output"
        if arguments.root:
            measure_times(arguments.root, output_dir, arguments.rounds)
        for cases in filter(None, (arguments.cases and FEW_CASES, arguments.cases)):
            root = Path(folder) / f"{cases}-phantoms"
            with contextlib.redirect_stderr(None):
                make_phantoms(root, cases, seed=0)
            print(f"peak memory, {cases} cases: {peak_memory_mib(root, output_dir):.0f} MiB")
            if cases == arguments.cases and not arguments.root:
                measure_times(root, output_dir, arguments.rounds)


if __name__ == "__main__":
    main()
