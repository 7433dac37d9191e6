import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from blobs import BlobData

from classifier.whole_image.model import load_whole_image_classifier
from commands.command_line import run_command

main = partial(run_command, "train-classifier")

TOOL = Path(__file__).parents[2] / "tools" / "train_classifier.py"
HIERARCHY = Path(__file__).parents[2] / "configs" / "whole_image_hierarchical.yaml"


def overrides(blob_data: BlobData) -> list[str]:
    return [
        f"data.train_coco={blob_data.coco_path}",
        f"data.val_coco={blob_data.coco_path}",
        f"data.image_root={blob_data.root}",
        *("model.weights=none", "input.height_px=64", "input.width_px=64"),
        *("optimisation.epochs=1", "optimisation.batch_size=3", "--allow-leak"),
    ]


def test_two_processes_train_the_hierarchys_two_networks(
    blob_data: BlobData, tmp_path: Path
) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"),
            *(str(TOOL), "--config", str(HIERARCHY), "--output-dir", str(tmp_path / "run")),
            *overrides(blob_data),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        timeout=600,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    paths = [tmp_path / "run" / name / "best.safetensors" for name in ("first", "second")]
    # Both processes print, at times into one line.
    assert all(done.stdout.count(str(path)) == 2 for path in paths)
    assert load_whole_image_classifier(paths[1])[2].class_names == ["Benign", "Cancer"]


def test_a_setting_of_another_task_is_an_error(blob_data: BlobData, tmp_path: Path) -> None:
    arguments = ["--config", str(HIERARCHY), "--output-dir", str(tmp_path / "run")]

    assert main([*arguments, *overrides(blob_data), "input.margin=2"]) == 1
    assert not (tmp_path / "run").exists()
