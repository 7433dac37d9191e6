"""The same input, seed and versions give the same bytes, wherever and whenever that is."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACES = {
    "here": {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "1"},
    "there": {"LC_ALL": "C.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "2"},
}
# What holds times by its nature.
TIMED = ("tensorboard", "log.csv", "config.yaml")
STEPS = (
    "make-phantoms --cases 3 --seed 3 --output-dir phantoms",
    "convert-mini-ddsm --root phantoms --output-dir coco --seed 3",
    "train-detector --config detector_torchvision --output-dir run --allow-leak "
    "data.train_coco=coco/all.json data.val_coco=coco/all.json data.image_root=phantoms "
    "input.side_px=64 optimisation.epochs=1 optimisation.batch_size=3",
    "predict --coco coco/train.json --image-root phantoms --output results/two_stage.json",
    "evaluate --coco coco/train.json --results results/two_stage.json --allow-leak "
    "--output-dir report --resamples 20",
)


def run_everything(folder: Path, surroundings: dict[str, str]) -> dict[str, str]:
    """Run every step in a folder and return the hash of each file that came of it."""
    folder.mkdir(parents=True)
    for step in STEPS:
        done = subprocess.run(
            [sys.executable, "-m", "commands", *step.split()],
            cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), **surroundings},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{step}\n{done.stderr}"
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not set(path.relative_to(folder).parts) & set(TIMED)
    }


def test_all_steps_twice_give_the_same_bytes(tmp_path: Path) -> None:
    here, there = (
        run_everything(tmp_path / name / "work", place) for name, place in PLACES.items()
    )

    assert len(here) > 40
    assert [name for name in here | there if here.get(name) != there.get(name)] == []
