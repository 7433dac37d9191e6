"""Run commands where the disk is full: on a file system in memory, as large as is wanted.

It needs a name space of its own, in which mounting is allowed:

    unshare --user --map-root-user --mount python disk_full.py FOLDER REPORT
"""

import contextlib
import io
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from commands.command_line import main

PAGE_BYTES = 4096
SHARES = (0.0, 0.6)
LARGE_BYTES = 400_000_000


class SmallDisk:
    """A folder on a file system of so many bytes."""

    def __init__(self, folder: Path, size_bytes: int) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        # A size of 0 would be no limit.
        pages = max(1, size_bytes // PAGE_BYTES)
        options = f"size={pages * PAGE_BYTES}"
        mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        subprocess.run(mount, check=True)

    def __enter__(self) -> Path:
        return self.folder

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


def run(words: list[str]) -> tuple[int, str]:
    told = io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
        try:
            code = main(words)
        except SystemExit as end:
            code = int(end.code or 0)
    return code, told.getvalue()


def files_of(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def used_bytes(folder: Path) -> int:
    pages = (math.ceil(size / PAGE_BYTES) for size in files_of(folder).values())
    return PAGE_BYTES * sum(pages)


def sweep(disk: Path, words: Callable[[Path], list[str]]) -> list[dict[str, Any]]:
    """Run a command with all the space it needs, then with parts of it."""
    with SmallDisk(disk, LARGE_BYTES) as folder:
        code, told = run(words(folder))
        needed = used_bytes(folder)
        assert code == 0, told
    found = []
    for share in SHARES:
        with SmallDisk(disk, int(share * needed)) as folder:
            code, told = run(words(folder))
            found.append({"share": share, "code": code, "told": told, "files": files_of(folder)})
    return found


def training(disk: Path, words: Callable[[Path, int], list[str]]) -> list[dict[str, Any]]:
    """Train an epoch, fill the disk but for a part of what the next one needs, and resume."""
    found = []
    with SmallDisk(disk, LARGE_BYTES) as folder:
        run(words(folder, 1))
        needed = used_bytes(folder)
    for share in SHARES:
        with SmallDisk(disk, LARGE_BYTES) as folder:
            code, told = run(words(folder, 1))
            assert code == 0, told
            before = set(files_of(folder))
            disk_now = os.statvfs(folder)
            free = disk_now.f_bavail * disk_now.f_frsize
            filler = folder / "filler"
            filler.write_bytes(bytes(free - PAGE_BYTES * int(share * needed / PAGE_BYTES)))
            code, told = run([*words(folder, 2), "--resume"])
            left = set(files_of(folder)) - before - {"filler"}
            filler.unlink()
            resumed, told_then = run([*words(folder, 2), "--resume"])
            found.append(
                {
                    **{"share": share, "code": code, "told": told, "files": sorted(left)},
                    **{"resumed": resumed, "told_then": told_then},
                }
            )
    return found


def coco_words(films: Path) -> list[str]:
    return ["--coco", str(films / "blobs.json"), "--image-root", str(films)]


def train_words(films: Path, folder: Path, epochs: int) -> list[str]:
    return [
        *("train-detector", "--config", "detector_torchvision"),
        *("--output-dir", str(folder / "run"), "--allow-leak"),
        *(f"data.{part}_coco={films / 'blobs.json'}" for part in ("train", "val")),
        *(f"data.image_root={films}", "input.side_px=64", "optimisation.batch_size=9"),
        "data.class_names=[Benign,Cancer]",
        f"optimisation.epochs={epochs}",
    ]


def sweeps(work: Path) -> dict[str, list[dict[str, Any]]]:
    films, phantoms, disk = work / "films", work / "phantoms", work / "disk"
    results = work / "results.json"
    (work / "patients.txt").write_text("A_0001\n")
    detector = ["--detector", str(work / "run" / "best.safetensors")]
    calibrate = ["calibrate", *coco_words(films), *detector, "--output-dir"]
    predict = ["predict", *coco_words(films), "--method", "detector"]
    predict += ["--detector", str(work / "finished" / "detector.safetensors"), "--output"]
    for words in (
        train_words(films, work, 1),
        [*calibrate, str(work / "finished")],
        [*predict, str(results)],
    ):
        code, told = run(words)
        assert code == 0, told
    commands: dict[str, Callable[[Path], list[str]]] = {
        "make-phantoms": lambda out: [
            "make-phantoms",
            "--cases",
            "3",
            "--output-dir",
            str(out / "p"),
        ],
        "convert-mini-ddsm": lambda out: [
            *("convert-mini-ddsm", "--root", str(phantoms), "--output-dir", str(out / "coco"))
        ],
        "split-coco": lambda out: [
            *(
                "split-coco",
                "--coco",
                str(films / "blobs.json"),
                "--output-dir",
                str(out / "parts"),
            ),
            *("--validation-patients", str(work / "patients.txt")),
        ],
        "predict": lambda out: [*predict, str(out / "r.json")],
        "infer": lambda out: ["infer", str(films), "--output-dir", str(out / "found")],
        "calibrate": lambda out: [*calibrate, str(out / "finished")],
        "evaluate": lambda out: [
            *("evaluate", "--coco", str(films / "blobs.json"), "--results", str(results)),
            *("--output-dir", str(out / "report"), "--resamples", "5"),
        ],
    }
    found = {"train-detector": training(disk, partial(train_words, films))}
    for name, words in commands.items():
        found[name] = sweep(disk, words)
    return found


if __name__ == "__main__":
    torch.set_num_threads(1)
    Path(sys.argv[2]).write_text(json.dumps(sweeps(Path(sys.argv[1])), indent=1))
