"""Kill trainings with SIGKILL at random moments, and see that they go on to the same end.

python tests/reliability/torture.py --kills 50
"""

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[2])]
# Where the process that forks the others looks for what it is told to import.
os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)

from blobs import make_blobs  # noqa: E402

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["detector.training_task", "commands.command_line"])
SETTINGS = ("input.side_px=64", "optimisation.batch_size=3", "optimisation.epochs=4")
# Compared byte for byte with those of a training that nothing interrupted.
OUTCOMES = ("last.safetensors", "best.safetensors")


@dataclass(kw_only=True)
class Tally:
    """What was tried and what came of it."""

    kills: int = 0
    kills_while_writing: int = 0
    """Those that left a file half written beside its place."""
    failed_resumes: int = 0
    ended: int = 0
    ended_differently: int = 0

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.kills_while_writing} of them in the middle of writing a "
            f"file; {self.failed_resumes} failed to resume; {self.ended} trainings came to their "
            f"end, {self.ended_differently} of them to another one"
        )


def torture(kills: int, folder: Path, seed: int) -> Tally:
    """Kill so often, over as many trainings as that takes, and let the last one end."""
    moments = random.Random(seed)
    make_blobs(new_folder(folder / "films"))
    # Its first process waits for what all later ones are forked from.
    time_to_end(folder, folder / "first")
    seconds = time_to_end(folder, folder / "uninterrupted")
    tally = Tally()
    while tally.kills < kills or tally.ended == 0:
        run = folder / f"run {tally.ended}"
        has_ended = False
        while not has_ended:
            with training(folder, run) as process:
                process.join(moments.uniform(0, 0.6 * seconds) if tally.kills < kills else None)
                has_ended = not process.is_alive()
                process.kill()
            if not has_ended:
                tally.kills += 1
                tally.kills_while_writing += any(run.rglob("*.partial"))
        tally.ended += 1
        if process.exitcode or "Traceback" in log_of(run).read_text():
            tally.failed_resumes += 1
            print(log_of(run).read_text())
        else:
            tally.ended_differently += outcome(run) != outcome(folder / "uninterrupted")
    return tally


def time_to_end(folder: Path, run: Path) -> float:
    begin = time.monotonic()
    with training(folder, run) as process:
        process.join()
    if process.exitcode:
        sys.exit(log_of(run).read_text())
    return time.monotonic() - begin


@contextmanager
def training(folder: Path, run: Path) -> Iterator[multiprocessing.Process]:
    """Start or resume, as somebody would who finds the folder so."""
    is_resumed = any((run / "state").glob("*.safetensors"))
    process = FORKS.Process(target=train, args=(folder / "films", run, is_resumed))
    process.start()
    try:
        yield process
    finally:
        process.join()


def train(films: Path, run: Path, is_resumed: bool) -> None:
    import torch

    from commands.command_line import main

    torch.set_num_threads(1)
    data = dict.fromkeys(("train_coco", "val_coco"), films / "blobs.json")
    paths = [f"data.{name}={path}" for name, path in {**data, "image_root": films}.items()]
    with log_of(run).open("a") as log:
        sys.stdout = sys.stderr = log
        words = ["--config", "detector_torchvision", "--output-dir", str(run), "--allow-leak"]
        sys.exit(main(["train-detector", *words, *["--resume"] * is_resumed, *paths, *SETTINGS]))


def log_of(run: Path) -> Path:
    return run.with_name(f"{run.name}.log")


def outcome(run: Path) -> list[bytes]:
    return [(run / name).read_bytes() for name in OUTCOMES] + [newest_state(run)]


def newest_state(run: Path) -> bytes:
    return max((run / "state").glob("*.safetensors")).read_bytes()


def new_folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        result = torture(arguments.kills, Path(temporary), arguments.seed)
    print(f"seed {arguments.seed}: {result}")
    sys.exit(result.failed_resumes + result.ended_differently > 0)
