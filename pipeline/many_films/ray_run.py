"""A method over a data set by many processes and machines, with Ray Data (the extra `ray`).

The images are cut into parts. A pool of actors, each of which holds the networks, takes part after
part: what travels is file names, never pixels, and an actor is handed the next part when it is at
the end of this one. Results go to the part's journal on disk, which all machines must see under the
same path, as they must the films. Whoever is killed, another actor goes on from that journal.
"""

import json
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from formats.coco import CocoDataset, CocoImage
from formats.errors import InputError
from formats.extras import require_extra
from formats.film_reading.reader import PRESENTED_MAMMOGRAMS, DicomOptions
from formats.progress import with_progress
from pipeline.many_films.data_set import Method, predict_open, run_of, write_finished
from pipeline.many_films.journal import Journal

# A minute's work. Whole batches on a GPU, so that each holds the same films as in one process.
FILMS_A_PART = 64
# The least that Ray takes; only file names go through it.
OBJECT_STORE_BYTES = 80 * 2**20
CONNECTION_PATIENCE_S = 10.0
# A socket's path has to fit into 107 bytes, and Ray adds most of them.
SHORT_PATH = "/tmp"


@dataclass(frozen=True, kw_only=True)
class PartRun:
    """What is the same for all parts; it travels to every actor."""

    load: Callable[[], Method]
    """Loads the networks."""
    image_root: Path
    journals: Path
    """Folder of the parts' journals."""
    dicom: DicomOptions = PRESENTED_MAMMOGRAMS

    def journal_of(self, number: int, method: Method) -> Journal:
        """Return the journal of a part, from 0."""
        place = self.journals / f"{number:06d}"
        return Journal(place, run_of(method, self.dicom), self.image_root)


class PartActor:
    """Holds the networks in a process of its own, and predicts a part at each call."""

    def __init__(self, run: PartRun) -> None:
        """Load the networks."""
        self._run = run
        self._method = run.load()

    def __call__(self, row: dict[str, Any]) -> dict[str, str]:
        """Predict the part that a row names, as far as its journal has not; answer in JSON."""
        number = row["number"]
        outcome = self._outcome(number, json.loads(row["images"]))
        return {"outcome": json.dumps({"number": number, **outcome})}

    def _outcome(self, number: int, images: list[CocoImage]) -> dict[str, Any]:
        run = self._run
        journal = run.journal_of(number, self._method)
        try:
            _, failures = predict_open(self._method, images, run.image_root, journal, run.dicom)
        except InputError as error:
            # An exception would reach the other side without its type, and after further tries.
            return {"input_error": str(error)}
        except OSError as error:
            return {"os_error": [error.errno, error.strerror, error.filename]}
        return {"failures": [str(failure) for failure in failures]}


def journals_folder(output: Path) -> Path:
    """Return where the parts' journals are until the end: beside the results file."""
    return output.with_name(f"{output.stem}.parts")


def predict_with_actors(
    load: Callable[[], Method],
    dataset: CocoDataset,
    image_root: Path,
    output: Path,
    actors: int,
    dicom: DicomOptions = PRESENTED_MAMMOGRAMS,
    *,
    on_gpu: bool = False,
) -> list[InputError]:
    """Write what `predict_dataset` writes, the same bytes, by many processes.

    The same command goes on where it was interrupted, with more or fewer actors too.

    Args:
        load: loads the networks, here and in every actor.
        dataset: its images.
        image_root: of the films.
        output: the results file.
        actors: how many processes hold the networks, a core each; on the machines of the cluster
            that `RAY_ADDRESS` names, or on this one.
        dicom: which DICOM films are read, and how.
        on_gpu: each actor has a GPU of its own.

    Returns:
        Why images could not be read; they are missing from the results.

    Raises:
        InputError: Ray is not installed, or as `predict_dataset`.
        OSError: an actor could not write.
    """
    method = load()
    output = output.resolve()
    # Actors work in other folders.
    run = PartRun(
        load=load, image_root=image_root.resolve(), journals=journals_folder(output), dicom=dicom
    )
    run.journals.mkdir(parents=True, exist_ok=True)
    images = dataset.images
    parts = [images[start : start + FILMS_A_PART] for start in range(0, len(images), FILMS_A_PART)]
    failures = _predict_parts(run, parts, actors, method.name, on_gpu=on_gpu)
    journals = [run.journal_of(number, method) for number in range(len(parts))]
    finished = {name: result for journal in journals for name, result in journal.read().items()}
    missing = [image["file_name"] for image in images if image["file_name"] not in finished]
    if len(missing) != len(failures):
        raise InputError(
            f"{run.image_root}: of {len(images)} films {len(missing)} have no result, but only "
            f"{len(failures)} could not be read; films were changed under way; run it again"
        )
    if finished or not images:
        write_finished(method, dataset, finished, output)
    # Those of an earlier run over other films too: the output holds what was asked for last.
    for path in run.journals.glob("*.journal"):
        path.unlink()
    if not any(run.journals.iterdir()):
        run.journals.rmdir()
    return failures


def _failures_of(outcome: dict[str, Any]) -> list[InputError]:
    """Return a part's unreadable films; raise what stopped it."""
    if "input_error" in outcome:
        raise InputError(outcome["input_error"])
    if "os_error" in outcome:
        raise OSError(*outcome["os_error"])
    return [InputError(failure) for failure in outcome["failures"]]


def _predict_parts(
    run: PartRun, parts: list[list[CocoImage]], actors: int, name: str, *, on_gpu: bool
) -> list[InputError]:
    """Let actors predict all parts, and return why films could not be read."""
    if not parts:
        return []
    part_rows = [{"number": n, "images": json.dumps(part)} for n, part in enumerate(parts)]
    failures: dict[int, list[InputError]] = {}
    with _connected(actors) as ray_data:
        outcomes = ray_data.from_items(part_rows, override_num_blocks=len(parts)).map(
            PartActor,
            fn_constructor_args=(run,),
            # One part under way, none waiting: a killed actor holds up nothing but its own part,
            # which it is given again when Ray has restarted it.
            compute=ray_data.ActorPoolStrategy(
                size=min(actors, len(parts)), max_tasks_in_flight_per_actor=1
            ),
            num_cpus=1,
            num_gpus=1 if on_gpu else 0,
        )
        # Closed before Ray is: what still worked for them would start Ray again.
        with closing(iter(outcomes.iter_rows())) as rows:
            # In whichever order they are finished.
            for row in with_progress(
                rows, name, item_count=len(parts), films_per_item=FILMS_A_PART
            ):
                outcome = json.loads(row["outcome"])
                failures[outcome["number"]] = _failures_of(outcome)
    return [failure for number in sorted(failures) for failure in failures[number]]


@contextmanager
def _connected(actors: int) -> Iterator[Any]:
    """Join the cluster that `RAY_ADDRESS` names, or start one of this machine's processes."""
    is_local = "RAY_ADDRESS" not in os.environ
    # Ray counts its users unless told otherwise.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if is_local:
        # Whatever the system: without it, Ray listens on the address that other machines see.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    # Ray alone does not bring what its data need.
    require_extra("ray", "ray", "pyarrow")
    import ray
    import ray.data

    on_termination = signal.getsignal(signal.SIGTERM)
    with ExitStack() as of_this_run:
        if is_local:
            # Ray's processes may still be writing their logs when they are told to end.
            folder = TemporaryDirectory(prefix="ray", dir=SHORT_PATH, ignore_cleanup_errors=True)
            temporary = of_this_run.enter_context(folder)
            of_this_run.callback(ray.shutdown)
            ray.init(
                "local",
                num_cpus=max(actors, os.cpu_count() or 1),
                object_store_memory=OBJECT_STORE_BYTES,
                include_dashboard=False,
                logging_level=logging.ERROR,
                _node_ip_address="127.0.0.1",
                _temp_dir=temporary,
            )
        else:
            _require_answer(os.environ["RAY_ADDRESS"])
            of_this_run.callback(ray.shutdown)
            ray.init(logging_level=logging.ERROR)
        if threading.current_thread() is threading.main_thread():
            # Ray's own ends the process without unwinding it.
            signal.signal(signal.SIGTERM, on_termination)
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        ray.data.DataContext.get_current().enable_progress_bars = False
        yield ray.data


def _require_answer(address: str) -> None:
    """Refuse a cluster's address where nobody is: Ray itself tries on for minutes.

    Raises:
        InputError: nobody is.
    """
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or "/" in host:
        return
    try:
        socket.create_connection((host, int(port)), CONNECTION_PATIENCE_S).close()
    except OSError as error:
        raise InputError(
            f"RAY_ADDRESS={address}: no Ray cluster answers there ({error.strerror or error}); "
            "start one with `ray start --head`, or unset it to use this machine alone"
        ) from error
