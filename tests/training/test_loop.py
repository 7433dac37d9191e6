import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from formats.errors import InputError
from training.config import OptimisationConfig, Schedule
from training.loop import (
    NonFiniteLossError,
    Progress,
    Task,
    fit,
    make_accelerator,
    parameter_groups,
    training_loader,
)

SETTINGS = OptimisationConfig(epochs=3, batch_size=4, learning_rate=0.05, warmup_epochs=0)


def line_task(settings: OptimisationConfig, figures: list[float] | None = None) -> Task:
    """Fit y = 2x; validation figures may be dictated."""
    torch.manual_seed(0)
    x = torch.linspace(-1, 1, 16)[:, None]
    dictated = iter(figures or [])

    def save(model: nn.Module, path: Path, metrics: dict[str, float]) -> None:
        save_file(model.state_dict(), path, metadata={"metrics": json.dumps(metrics)})

    def validate(model: nn.Module) -> dict[str, float]:
        with torch.inference_mode():
            fitted = -float(((model(x) - 2 * x) ** 2).mean())
        return {"fit": next(dictated, fitted)}

    def losses(model: nn.Module, batch: list[Tensor]) -> dict[str, Tensor]:
        return {"squared_error": ((model(batch[0]) - batch[1]) ** 2).mean()}

    return Task(
        model=nn.Linear(1, 1),
        train_loader=training_loader(TensorDataset(x, 2 * x), settings),
        losses=losses,
        validate=validate,
        monitored="fit",
        save=save,
        begin_epoch=lambda model, _: None,
    )


def run(task: Task, settings: OptimisationConfig, run_dir: Path, resume: bool = False) -> Progress:
    run_dir.mkdir(exist_ok=True)
    return fit(task, settings, run_dir, make_accelerator(settings, "cpu"), resume)


def log_rows(run_dir: Path) -> list[dict[str, str]]:
    with (run_dir / "log.csv").open() as stream:
        return list(csv.DictReader(stream))


def test_loss_falls_and_everything_is_written(tmp_path: Path) -> None:
    progress = run(line_task(SETTINGS), SETTINGS, tmp_path)
    losses = [float(row["train/squared_error"]) for row in log_rows(tmp_path)]

    assert len(losses) == 3
    assert losses[2] < losses[0]
    assert progress.next_epoch == 3
    assert {"best.safetensors", "last.safetensors", "log.csv", "state", "tensorboard"} == {
        path.name for path in tmp_path.iterdir()
    }


def test_resumed_training_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    run(line_task(SETTINGS), SETTINGS, tmp_path / "whole")
    interrupted = line_task(SETTINGS)
    calls = iter(range(2))
    interrupted.begin_epoch = lambda model, _: next(calls) or None  # type: ignore[func-returns-value]
    (tmp_path / "parts").mkdir()
    with pytest.raises(StopIteration):
        run(interrupted, SETTINGS, tmp_path / "parts")
    run(line_task(SETTINGS), SETTINGS, tmp_path / "parts", resume=True)

    whole = load_file(tmp_path / "whole" / "last.safetensors")
    parts = load_file(tmp_path / "parts" / "last.safetensors")
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    assert [row["epoch"] for row in log_rows(tmp_path / "parts")] == ["0", "1", "2"]


def test_best_is_kept_and_patience_stops(tmp_path: Path) -> None:
    settings = OptimisationConfig(epochs=9, batch_size=16, patience_epochs=2)
    progress = run(line_task(settings, [0.1, 0.7, 0.2, 0.3, 0.4, 0.9]), settings, tmp_path)

    with safe_open(tmp_path / "best.safetensors", "pt") as stream:
        best_metrics = json.loads(stream.metadata()["metrics"])
    assert (progress.best_epoch, progress.best_value) == (1, 0.7)
    assert best_metrics == {"fit": 0.7}
    assert len(log_rows(tmp_path)) == 4


def test_plateau_reduces_the_rate_and_resuming_remembers(tmp_path: Path) -> None:
    settings = OptimisationConfig(
        epochs=7, batch_size=4, learning_rate=0.1, warmup_epochs=0, schedule=Schedule.plateau
    )
    settings.plateau_epochs = 2
    figures = [0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]
    progress = run(line_task(settings, figures), settings, tmp_path)
    rates = [float(row["learning_rate"]) for row in log_rows(tmp_path)]

    # The best epoch is the second; the fourth and the sixth end a plateau.
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.001])
    assert progress.reductions == 2

    settings.epochs = 8
    run(line_task(settings), settings, tmp_path, resume=True)
    assert float(log_rows(tmp_path)[-1]["learning_rate"]) == pytest.approx(0.001)


def test_non_finite_loss_stops_with_its_value(tmp_path: Path) -> None:
    task = line_task(SETTINGS)
    task.losses = lambda model, batch: {"broken": model(batch[0]).sum() * torch.nan}

    with pytest.raises(NonFiniteLossError, match="'broken': nan"):
        run(task, SETTINGS, tmp_path)


def test_earlier_training_is_not_overwritten(tmp_path: Path) -> None:
    run(line_task(SETTINGS), SETTINGS, tmp_path)

    with pytest.raises(InputError, match="--resume"):
        run(line_task(SETTINGS), SETTINGS, tmp_path)


def test_resuming_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to resume"):
        run(line_task(SETTINGS), SETTINGS, tmp_path, resume=True)


def test_only_weights_decay() -> None:
    decayed, undecayed = parameter_groups(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)), 0.1)

    assert [p.ndim for p in decayed["params"]] == [2]
    assert [p.ndim for p in undecayed["params"]] == [1, 1, 1]
    assert (decayed["weight_decay"], undecayed["weight_decay"]) == (0.1, 0.0)


def test_small_data_set_is_one_batch() -> None:
    loader: DataLoader = training_loader(TensorDataset(torch.zeros(3, 1)), SETTINGS)

    assert len(loader) == 1


def test_asking_for_a_missing_gpu_is_an_input_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    with pytest.raises(InputError, match="no GPU"):
        make_accelerator(SETTINGS, "cuda")


@pytest.fixture
def torchrun() -> Callable[[list[str]], subprocess.CompletedProcess[str]]:
    def launch(arguments: list[str]) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
        return subprocess.run(
            [*command, "--nproc-per-node=2", *arguments],
            capture_output=True,
            text=True,
            env=environment,
            timeout=300,
            check=False,
        )

    return launch


def test_two_processes_train_one_model(
    torchrun: Callable[[list[str]], subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    script = tmp_path / "two.py"
    script.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pathlib import Path\n"
        "from test_loop import SETTINGS, line_task, run\n"
        f"progress = run(line_task(SETTINGS), SETTINGS, Path({str(tmp_path / 'run')!r}))\n"
        "print('ended at', progress.next_epoch, progress.best_epoch)\n"
    )
    done = torchrun([str(script)])

    assert done.returncode == 0, done.stderr
    endings = [line for line in done.stdout.splitlines() if "ended at" in line]
    assert len(endings) == 2
    assert len(set(endings)) == 1
    assert len(log_rows(tmp_path / "run")) == 3
