import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from blobs import BlobData

from formats.coco import CocoDataset
from formats.errors import InputError
from formats.results import ImageResult, ModelFile, read_results
from pipeline.many_films.data_set import Method, predict_dataset
from pipeline.many_films.ray_run import journals_folder, predict_with_actors

# Ray listens to this machine alone where this is said before it is imported.
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
pytest.importorskip("ray")
SCORES = {"Normal": 1.0, "Benign": 0.0, "Cancer": 0.0}
DOOMED = "film_5.png"


def brightness(
    kill: str, once: Path, films: Sequence[np.ndarray], names: Sequence[str]
) -> list[ImageResult]:
    """Call a film's mean its score; at one film be killed, or let the machine be, but once."""
    if DOOMED in names and kill and not once.exists():
        once.touch()
        # An actor is a child of what Ray runs on its machine.
        os.kill(os.getpid() if kill == "actor" else os.getppid(), signal.SIGKILL)
        signal.pause()
    (once.parent / f"{once.name}.{names[0]}.{os.getpid()}").touch()
    return [
        ImageResult(
            file_name=name,
            width=film.shape[1],
            height=film.shape[0],
            label="Normal",
            scores={**SCORES, "Normal": 1 - float(film.mean()) / 255},
        )
        for film, name in zip(films, names, strict=True)
    ]


def load(kill: str, once: Path) -> Method:
    models = [ModelFile("brightness", "1")]
    return Method(name="single", models=models, predict=partial(brightness, kill, once))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two machines with a core each, and one that only knows them: processes of this one."""
    import ray
    from ray.cluster_utils import Cluster

    here = {"node_ip_address": "127.0.0.1", "object_store_memory": 80 * 2**20}
    machines = Cluster(
        initialize_head=True, head_node_args={**here, "num_cpus": 0, "include_dashboard": False}
    )
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    for _ in range(2):
        machines.add_node(**here, num_cpus=1)
    yield machines
    ray.cloudpickle.unregister_pickle_by_value(sys.modules[__name__])
    machines.shutdown()


@pytest.fixture(autouse=True)
def _joins_cluster(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    # In place of 64: nine films are five parts.
    monkeypatch.setattr("pipeline.many_films.ray_run.FILMS_A_PART", 2)


@pytest.fixture
def one_process(blob_data: BlobData, tmp_path: Path) -> Path:
    output = tmp_path / "one" / "results.json"
    method = load("", tmp_path / "one.never")
    assert predict_dataset(method, blob_data.coco, blob_data.root, output) == []
    return output


def files_of(output: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(output.parent.iterdir())}


@pytest.mark.parametrize("killed", ["", "actor", "machine"])
def test_whoever_is_killed_the_results_are_those_of_one_process(
    killed: str, blob_data: BlobData, one_process: Path, tmp_path: Path
) -> None:
    once = tmp_path / "killed"
    output = tmp_path / "many" / "results.json"
    data = (blob_data.coco, blob_data.root, output)

    assert predict_with_actors(partial(load, killed, once), *data, actors=2) == []
    assert once.exists() == bool(killed)
    assert files_of(output) == files_of(one_process)
    # One of each part: no finished film was predicted again.
    assert len(list(tmp_path.glob("killed.*"))) == 5


def test_films_that_cannot_be_read_are_returned_and_the_rest_is_there(
    blob_data: BlobData, tmp_path: Path
) -> None:
    gone = {**blob_data.coco.images[0], "id": 99, "file_name": "gone.png"}
    dataset = CocoDataset(images=[gone, *blob_data.coco.images[:3]], annotations=[])  # type: ignore[list-item]
    output = tmp_path / "results.json"
    brightness_of = partial(load, "", tmp_path / "never")
    failures = predict_with_actors(brightness_of, dataset, blob_data.root, output, actors=2)

    assert ["gone.png: cannot be read" in str(failure) for failure in failures] == [True]
    assert len(read_results(output).images) == 3


def test_a_full_disk_stops_the_run_which_goes_on_when_there_is_space(
    blob_data: BlobData, one_process: Path, tmp_path: Path
) -> None:
    output = tmp_path / "many" / "results.json"
    run = partial(
        predict_with_actors,
        partial(load, "", tmp_path / "seen"),
        blob_data.coco,
        blob_data.root,
        output,
        actors=1,
    )
    journals = journals_folder(output)
    journals.mkdir(parents=True)
    # The journal of the third part is first written under this name.
    full = journals / "000002.journal.partial"
    full.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device") as told:
        run()
    assert told.value.filename == str(journals / "000002.journal")
    assert not output.exists()

    full.unlink()
    assert run() == []
    assert files_of(output) == files_of(one_process)
    assert len(list(tmp_path.glob("seen.*"))) == 5


def test_a_cluster_that_does_not_answer_is_said_at_once(
    blob_data: BlobData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Bound, so that nobody else listens there.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("RAY_ADDRESS", address)
        with pytest.raises(InputError, match=f"RAY_ADDRESS={address}: no Ray cluster answers"):
            predict_with_actors(
                partial(load, "", tmp_path / "once"),
                blob_data.coco,
                blob_data.root,
                tmp_path / "out.json",
                1,
            )
