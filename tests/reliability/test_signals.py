import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from blobs import BlobData

ROOT = Path(__file__).parents[2]


def start(blob_data: BlobData, run: Path, *words: str) -> subprocess.Popen[str]:
    data = {"train_coco": blob_data.coco_path, "val_coco": blob_data.coco_path}
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "commands", "train-detector", "--config"),
            *("detector_torchvision", "--output-dir", str(run), "--device", "cpu"),
            *(f"data.{name}={path}" for name, path in data.items()),
            *(f"data.image_root={blob_data.root}", "input.side_px=64", "--allow-leak"),
            *("optimisation.batch_size=3", *words),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        start_new_session=True,
    )


@pytest.mark.parametrize(
    ("number", "code", "workers"),
    [(signal.SIGINT, 130, 0), (signal.SIGTERM, 143, 1)],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_a_training_that_is_told_to_end_saves_and_a_second_run_goes_on(
    blob_data: BlobData, tmp_path: Path, number: signal.Signals, code: int, workers: int
) -> None:
    run = tmp_path / "run"
    many = start(
        blob_data, run, "optimisation.epochs=500", f"optimisation.loader_workers={workers}"
    )
    deadline = time.monotonic() + 120
    while not (run / "log.csv").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    # As a terminal and a cluster send it: to all processes.
    os.killpg(many.pid, number)
    _, told = many.communicate(timeout=60)

    assert many.returncode == code, told
    assert told.splitlines()[-1] == f"interrupted: {run}: go on with --resume"
    assert "Traceback" not in told
    epochs = len((run / "log.csv").read_text().splitlines()) - 1
    resumed = start(blob_data, run, "--resume", f"optimisation.epochs={epochs + 1}")
    _, told = resumed.communicate(timeout=120)
    assert resumed.returncode == 0, told
    assert len((run / "log.csv").read_text().splitlines()) == epochs + 2
