"""A data set through the embedded pair by one process and by Ray's actors, with what goes wrong.

    unshare --user --map-root-user --mount python benchmarks/ray_actors.py [--films 24]

First two and four actors on one machine, then two on two Ray nodes, which are process groups of
this machine: with an actor killed, with a node killed when a third of the films is done. Last a
disk, in memory, that is full when half of the films is done, for which the command needs a name
space in which mounting is allowed; `mammo predict` ends, and goes on when there is space. One film
can never be read. Every row must give the bytes of one process.
"""

import argparse
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

# Ray listens to this machine alone where this is said before it is imported.
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import cv2
import numpy as np
import psutil
import torch
from ray.cluster_utils import Cluster

from formats.coco import CocoDataset, CocoImage
from formats.errors import InputError
from formats.film_reading.pictures import read_picture
from pipeline.many_films import ray_run
from pipeline.many_films.data_set import predict_dataset
from pipeline.many_films.ray_run import journals_folder, predict_with_actors
from pipeline.methods import MethodFiles, load_method

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.png"))
NODE: dict[str, Any] = {"node_ip_address": "127.0.0.1", "object_store_memory": 80 * 2**20}
DISK_BYTES = 2**20
Predict = Callable[[Path], list[InputError]]


def write_films(folder: Path, count: int) -> CocoDataset:
    """Write noisy copies of the example films, the third of which is cut off."""
    random = np.random.default_rng(0)
    images: list[CocoImage] = []
    for number in range(count):
        example = read_picture(EXAMPLES[number % len(EXAMPLES)])
        noisy = example + random.normal(0, 2, example.shape)
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), noisy.clip(0, 255).astype(np.uint8))
        height, width = example.shape
        images.append({"id": number + 1, "file_name": path.name, "width": width, "height": height})
    third = folder / "2.png"
    third.write_bytes(third.read_bytes()[:1000])
    return CocoDataset(images=images, annotations=[])


def finished_films(output: Path) -> int:
    """Count the lines of the journals, less their headers."""
    journals = list(journals_folder(output).glob("*.journal"))
    return sum(journal.read_bytes().count(b"\n") - 1 for journal in journals)


def when_finished(output: Path, films: int, act: Callable[[], None]) -> threading.Thread:
    """Do something, once, when so many films are finished."""

    def watch() -> None:
        while finished_films(output) < films:
            time.sleep(0.1)
        act()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def kill_an_actor() -> None:
    own = psutil.Process().children(recursive=True)
    actor = next(child for child in own if "MapWorker" in child.name() + " ".join(child.cmdline()))
    os.kill(actor.pid, signal.SIGKILL)


def on_two_nodes(predict: Predict, output: Path, films: int, kill: str) -> list[InputError]:
    cluster = Cluster(
        initialize_head=True, head_node_args={**NODE, "num_cpus": 0, "include_dashboard": False}
    )
    nodes = [cluster.add_node(**NODE, num_cpus=1) for _ in range(2)]
    os.environ["RAY_ADDRESS"] = cluster.address
    kills = {
        "actor": kill_an_actor,
        "node": lambda: cluster.remove_node(nodes[0], allow_graceful=False),
    }
    try:
        watch = when_finished(output, films // 3, kills[kill])
        failures = predict(output)
        watch.join(timeout=1)
        assert not watch.is_alive(), "nobody was killed"
        return failures
    finally:
        del os.environ["RAY_ADDRESS"]
        cluster.shutdown()


def on_a_full_disk(predict: Predict, output: Path, films: int) -> list[InputError]:
    output.parent.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(output.parent)]
    subprocess.run(mount, check=True)
    filler = output.parent / "filler"

    def fill() -> None:
        with filler.open("wb", buffering=0) as stream:
            try:
                while stream.write(b"0" * 4096):
                    pass
            except OSError:
                pass

    watch = when_finished(output, films // 2, fill)
    try:
        predict(output)
    except OSError as error:
        print(f"  stopped, {finished_films(output)} films finished: {error}")
    else:
        raise AssertionError("the disk was not full in time")
    watch.join()
    filler.unlink()
    failures = predict(output)
    # It is to be deleted with the films, which a disk that is mounted cannot be.
    written = {path.name: path.read_bytes() for path in output.parent.iterdir()}
    subprocess.run(["umount", "--lazy", str(output.parent)], check=True)
    for file_name, content in written.items():
        output.with_name(file_name).write_bytes(content)
    return failures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=24)
    films = parser.parse_args().films
    # Small parts, so that few films have many.
    ray_run.FILMS_A_PART = 4
    files = MethodFiles(detector=None, classifiers=[])
    load = partial(load_method, "two_stage", files, torch.device("cpu"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        dataset = write_films(folder, films)

        def by_actors(actors: int) -> Predict:
            return lambda output: predict_with_actors(load, dataset, folder, output, actors)

        ways: dict[str, Predict] = {
            "one process": lambda output: predict_dataset(load(), dataset, folder, output),
            "two actors": by_actors(2),
            "four actors": by_actors(4),
            "two nodes, an actor killed": lambda output: on_two_nodes(
                by_actors(2), output, films, "actor"
            ),
            "two nodes, a node killed": lambda output: on_two_nodes(
                by_actors(2), output, films, "node"
            ),
            "two actors, a full disk": lambda output: on_a_full_disk(by_actors(2), output, films),
        }
        expected = b""
        for number, (way, predict) in enumerate(ways.items()):
            output = folder / f"way {number}" / "results.json"
            begin = time.perf_counter()
            failures = predict(output)
            seconds = time.perf_counter() - begin
            written = output.read_bytes() + output.with_name("results.coco.json").read_bytes()
            expected = expected or written
            assert not journals_folder(output).exists()
            same = "the same bytes" if written == expected else "OTHER BYTES"
            print(f"{way}: {seconds:.0f} s, {len(failures)} film unread, {same}", flush=True)


if __name__ == "__main__":
    main()
