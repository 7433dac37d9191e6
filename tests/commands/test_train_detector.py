import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from blobs import BlobData

from commands.command_line import run_command
from detector.model import load_detector

main = partial(run_command, "train-detector")

TOOL = Path(__file__).parents[2] / "tools" / "train_detector.py"
CONFIG = str(Path(__file__).parents[2] / "configs" / "detector_torchvision.yaml")


def test_a_run_leaves_a_checkpoint_and_prints_its_path(
    blob_data: BlobData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    data = {"train_coco": blob_data.coco_path, "val_coco": blob_data.coco_path}
    overrides = [
        *(f"data.{name}={path}" for name, path in data.items()),
        *(f"data.image_root={blob_data.root}", "input.side_px=64", "optimisation.epochs=1"),
        "--allow-leak",
    ]

    assert main(["--config", CONFIG, "--output-dir", str(run), "--device", "cpu", *overrides]) == 0
    assert capsys.readouterr().out.strip() == str(run / "best.safetensors")
    assert load_detector(run / "best.safetensors")[1].input.side_px == 64


def test_two_processes_train_one_detector(blob_data: BlobData, tmp_path: Path) -> None:
    run = tmp_path / "run"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"),
            *(str(TOOL), "--config", CONFIG, "--output-dir", str(run)),
            *(f"data.train_coco={blob_data.coco_path}", f"data.val_coco={blob_data.coco_path}"),
            *(f"data.image_root={blob_data.root}", "input.side_px=64", "--allow-leak"),
            *("optimisation.epochs=2", "optimisation.batch_size=2"),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    # Both processes print, at times into one line.
    assert done.stdout.count(str(run / "best.safetensors")) == 2
    # One of them validates.
    assert done.stderr.count("epoch 2: ap ") == 1
    assert len((run / "log.csv").read_text().splitlines()) == 3
    assert load_detector(run / "last.safetensors")[1].input.side_px == 64


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("model.bakbone=resnet18", "bakbone"),
        ("input.side_px=65", "multiple of 32"),
        ("optimisation.epochs=2", "data.train_coco is not set"),
        ("augmentation.chip_side_px=640", "chip_side_px is 640"),
    ],
)
def test_a_setting_that_cannot_be_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], override: str, message: str
) -> None:
    arguments = ["--config", CONFIG, "--output-dir", str(tmp_path / "run"), "--device", "cpu"]

    assert main([*arguments, override]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_missing_configuration_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--config", str(tmp_path / "gone.yaml"), "--output-dir", str(tmp_path / "run")]

    assert main(arguments) == 1
    assert "gone.yaml" in capsys.readouterr().err


@pytest.mark.parametrize("part", ["train_coco", "val_coco", "image_root"])
def test_missing_data_is_named(
    blob_data: BlobData, tmp_path: Path, capsys: pytest.CaptureFixture[str], part: str
) -> None:
    data = {
        "train_coco": blob_data.coco_path,
        "val_coco": blob_data.coco_path,
        "image_root": blob_data.root,
        part: tmp_path / "gone",
    }
    paths = (f"data.{name}={path}" for name, path in data.items())
    overrides = [*paths, "input.side_px=64", "--allow-leak"]
    arguments = ["--config", CONFIG, "--output-dir", str(tmp_path / "run"), "--device", "cpu"]

    assert main([*arguments, *overrides]) == 1
    assert str(tmp_path / "gone") in capsys.readouterr().err


def test_patients_in_both_parts_stop_it_before_any_film_is_read(
    blob_data: BlobData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = dict.fromkeys(("train_coco", "val_coco"), blob_data.coco_path)
    paths = [f"data.{name}={path}" for name, path in data.items()]
    arguments = ["--config", CONFIG, "--output-dir", str(tmp_path / "run"), "--device", "cpu"]

    assert main([*arguments, *paths, f"data.image_root={tmp_path}"]) == 1
    told = capsys.readouterr().err
    assert "blobs.json: shares 5 patients (A_0001, A_0002, A_0003, ...), 9 file names" in told
    assert "--allow-leak" in told
    assert not (tmp_path / "run").exists()
