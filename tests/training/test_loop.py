import csv
import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from formats.errors import InputError, Interrupted
from training.config import OptimisationConfig, Precision, Schedule, load_config, write_config
from training.errors import NonFiniteLossError, ResourceError
from training.loop import make_accelerator, parameter_groups, train, training_loader
from training.progress import Progress
from training.saving.saved_training import read_newest_training
from training.task import Task

SETTINGS = OptimisationConfig(epochs=3, batch_size=4, learning_rate=0.05, warmup_epochs=0)


class LineTask(Task[nn.Linear]):
    """Fit y = 2x; validation figures may be dictated."""

    monitored = "fit"

    def __init__(self, settings: OptimisationConfig, figures: Sequence[float] = ()) -> None:
        torch.manual_seed(0)
        self.x = torch.linspace(-1, 1, 16)[:, None]
        self.model = nn.Linear(1, 1)
        self.train_loader = training_loader(TensorDataset(self.x, 2 * self.x), settings)
        self.data_source = {"train_coco_sha256": "of the line"}
        self.example_files = [f"point{number}.png" for number in range(16)]
        self._dictated = iter(figures)

    def begin_epoch(self, model: nn.Linear, epoch: int) -> None:
        model.train()

    def losses(self, model: nn.Module, batch: list[Tensor]) -> dict[str, Tensor]:
        return {"squared_error": ((model(batch[0]) - batch[1]) ** 2).mean()}

    def validate(self, model: nn.Linear) -> dict[str, float]:
        with torch.inference_mode():
            fitted = -float(((model(self.x) - 2 * self.x) ** 2).mean())
        return {"fit": next(self._dictated, fitted)}

    def save(self, model: nn.Linear, path: Path, metrics: dict[str, float]) -> None:
        save_file(model.state_dict(), path, metadata={"metrics": json.dumps(metrics)})


@dataclass
class LineConfig:
    optimisation: OptimisationConfig = field(default_factory=lambda: replace(SETTINGS))


def run(
    task: LineTask, settings: OptimisationConfig, run_dir: Path, resume: bool = False
) -> Progress:
    def make_task(config: LineConfig, device: torch.device) -> LineTask:
        task.config = config
        return task

    return train(make_task, LineConfig(settings), run_dir, "cpu", resume)


def log_rows(run_dir: Path) -> list[dict[str, str]]:
    with (run_dir / "log.csv").open() as stream:
        return list(csv.DictReader(stream))


class InterruptedTask(LineTask):
    """Stops at the beginning of the third epoch."""

    def begin_epoch(self, model: nn.Linear, epoch: int) -> None:
        if epoch == 2:
            raise KeyboardInterrupt


class BrokenTask(LineTask):
    def losses(self, model: nn.Module, batch: list[Tensor]) -> dict[str, Tensor]:
        self.seen_x = batch[0]
        return {"broken": model(batch[0]).sum() * torch.nan}


class SteepTask(LineTask):
    """The root of zero is zero, and its slope is infinite."""

    def losses(self, model: nn.Module, batch: list[Tensor]) -> dict[str, Tensor]:
        return {"root": (model(batch[0]) * 0).abs().sqrt().sum()}


class NoisyExamples(Dataset[list[Tensor]]):
    """Points of the line, each augmented by random numbers."""

    def __init__(self, x: Tensor) -> None:
        self._x = x

    def __len__(self) -> int:
        return len(self._x)

    def __getitem__(self, index: int) -> list[Tensor]:
        x = self._x[index] + 0.1 * torch.randn(1)
        return [x, 2 * x]


class DyingExamples(NoisyExamples):
    """The process that loads dies in the sixth batch."""

    def __init__(self, x: Tensor) -> None:
        super().__init__(x)
        self._loaded = 0

    def __getitem__(self, index: int) -> list[Tensor]:
        self._loaded += 1
        if self._loaded > 21:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__getitem__(index)


class NoisyTask(LineTask):
    """Draws random numbers where examples are loaded and where they are learnt from."""

    error_at: tuple[int, Exception] | None = None

    def __init__(self, settings: OptimisationConfig) -> None:
        super().__init__(settings)
        self.train_loader = training_loader(NoisyExamples(self.x), settings)
        self.steps = 0

    def losses(self, model: nn.Module, batch: list[Tensor]) -> dict[str, Tensor]:
        if self.error_at is not None and self.error_at[0] == self.steps:
            raise self.error_at[1]
        self.steps += 1
        answer = model(batch[0]) + 0.01 * torch.randn(1)
        return {"squared_error": ((answer - batch[1]) ** 2).mean()}


class SignalledTask(NoisyTask):
    """Gets a signal in a step, counted from 0, or in its second validation."""

    def __init__(
        self, settings: OptimisationConfig, number: signal.Signals, moment: int | str
    ) -> None:
        super().__init__(settings)
        self._number, self._moment, self._validations = number, moment, 0

    def losses(self, model: nn.Module, batch: list[Tensor]) -> dict[str, Tensor]:
        if self.steps == self._moment:
            signal.raise_signal(self._number)
        return super().losses(model, batch)

    def validate(self, model: nn.Linear) -> dict[str, float]:
        self._validations += 1
        if self._moment == "validation" and self._validations == 2:
            signal.raise_signal(self._number)
        return super().validate(model)


def test_loss_falls_and_everything_is_written(tmp_path: Path) -> None:
    progress = run(LineTask(SETTINGS), SETTINGS, tmp_path)
    losses = [float(row["train/squared_error"]) for row in log_rows(tmp_path)]

    assert len(losses) == 3
    assert losses[2] < losses[0]
    assert progress.next_epoch == 3
    assert {path.name for path in tmp_path.iterdir()} == {
        *("best.safetensors", "config.yaml", "last.safetensors"),
        *("log.csv", "state", "tensorboard"),
    }


def test_resumed_training_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    run(LineTask(SETTINGS), SETTINGS, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(InterruptedTask(SETTINGS), SETTINGS, tmp_path / "parts")
    run(LineTask(SETTINGS), SETTINGS, tmp_path / "parts", resume=True)

    whole = load_file(tmp_path / "whole" / "last.safetensors")
    parts = load_file(tmp_path / "parts" / "last.safetensors")
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    assert [row["epoch"] for row in log_rows(tmp_path / "parts")] == ["0", "1", "2"]


def test_best_is_kept_and_patience_stops(tmp_path: Path) -> None:
    settings = OptimisationConfig(epochs=9, batch_size=16, patience_epochs=2)
    progress = run(LineTask(settings, [0.1, 0.7, 0.2, 0.3, 0.4, 0.9]), settings, tmp_path)

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
    progress = run(LineTask(settings, figures), settings, tmp_path)
    rates = [float(row["learning_rate"]) for row in log_rows(tmp_path)]

    # The best epoch is the second; the fourth and the sixth end a plateau.
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.001])
    assert progress.reductions == 2

    settings.epochs = 8
    run(LineTask(settings), settings, tmp_path, resume=True)
    assert float(log_rows(tmp_path)[-1]["learning_rate"]) == pytest.approx(0.001)


def test_non_finite_loss_stops_with_its_value_and_names_the_files(tmp_path: Path) -> None:
    task = BrokenTask(SETTINGS)
    before = [parameter.clone() for parameter in task.model.parameters()]
    with pytest.raises(NonFiniteLossError, match=r"epoch 1, step 1: .*'broken': nan") as stopped:
        run(task, SETTINGS, tmp_path)

    seen = {float(x) for x in task.seen_x}
    named = {int(number) for number in re.findall(r"point(\d+)\.png", str(stopped.value))}
    assert {float(task.x[number]) for number in named} == seen
    assert len(seen) == SETTINGS.batch_size
    assert all(map(torch.equal, before, task.model.parameters()))


def test_a_gradient_that_is_not_finite_stops_before_the_step(tmp_path: Path) -> None:
    task = SteepTask(SETTINGS)
    with pytest.raises(NonFiniteLossError, match=r"gradient is not finite.*point\d+\.png"):
        run(task, SETTINGS, tmp_path)

    assert all(torch.isfinite(parameter).all() for parameter in task.model.parameters())


def assert_equal_runs(one: Path, other: Path) -> None:
    """Hold weights, averaged and best, and all figures of both runs against each other."""
    for name in ("last.safetensors", "best.safetensors"):
        assert (one / name).read_bytes() == (other / name).read_bytes()
    ours, theirs = map(read_newest_training, (one / "state", other / "state"))
    for part in ("model", "averaged", "optimizer", "random"):
        mine, its = getattr(ours, part), getattr(theirs, part)
        assert mine.keys() == its.keys()
        assert all(torch.equal(mine[key], its[key]) for key in mine)
    assert ours.values == theirs.values
    timings = {"images_per_second", "loading_share"}
    rows = [
        [{k: v for k, v in row.items() if k not in timings} for row in log_rows(folder)]
        for folder in (one, other)
    ]
    assert rows[0] == rows[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
@pytest.mark.parametrize("moment", [0, 1, 5, 7, 11, "validation"])
def test_a_signal_saves_and_resuming_goes_on_from_there(
    tmp_path: Path, number: signal.Signals, moment: int | str
) -> None:
    run(NoisyTask(SETTINGS), SETTINGS, tmp_path / "whole")
    with pytest.raises(Interrupted, match=r"parts: go on with --resume") as interruption:
        run(SignalledTask(SETTINGS, number, moment), SETTINGS, tmp_path / "parts")
    resumed = NoisyTask(SETTINGS)
    run(resumed, SETTINGS, tmp_path / "parts", resume=True)

    assert interruption.value.signal_number == number
    # Steps that were learnt are not learnt again.
    learnt = {"validation": 8}.get(moment, 0) if isinstance(moment, str) else moment + 1
    assert resumed.steps == 12 - learnt
    assert_equal_runs(tmp_path / "whole", tmp_path / "parts")


def test_a_dead_loading_process_is_one_message_and_a_state_to_go_on_from(tmp_path: Path) -> None:
    settings = replace(SETTINGS, loader_workers=1)
    run(NoisyTask(settings), settings, tmp_path / "whole")
    task = NoisyTask(settings)
    task.train_loader = training_loader(DyingExamples(task.x), settings)
    with pytest.raises(ResourceError, match=r"epoch \d, step \d+: .*loader_workers") as error:
        run(task, settings, tmp_path / "parts")

    assert "--resume" in str(error.value)
    without = replace(settings, loader_workers=0)
    run(NoisyTask(without), without, tmp_path / "parts", resume=True)
    assert_equal_runs(tmp_path / "whole", tmp_path / "parts")


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory"
        ),
        MemoryError("Unable to allocate 2.00 GiB for an array"),
    ],
    ids=["GPU", "CPU", "numpy"],
)
def test_out_of_memory_is_one_message_and_a_state_to_go_on_from(
    tmp_path: Path, error: Exception
) -> None:
    run(NoisyTask(SETTINGS), SETTINGS, tmp_path / "whole")
    task = NoisyTask(SETTINGS)
    task.error_at = 6, error
    with pytest.raises(
        ResourceError, match=r"epoch 2, step 3: out of memory .*optimisation\.batch_size"
    ):
        run(task, SETTINGS, tmp_path / "parts")
    run(NoisyTask(SETTINGS), SETTINGS, tmp_path / "parts", resume=True)
    assert_equal_runs(tmp_path / "whole", tmp_path / "parts")


@pytest.mark.parametrize("error", [EOFError(), ConnectionResetError(104, "reset by peer")])
def test_a_pipe_that_breaks_is_a_dead_loading_process(tmp_path: Path, error: Exception) -> None:
    task = NoisyTask(SETTINGS)
    task.error_at = 0, error
    with pytest.raises(ResourceError, match=r"a process that loads images died"):
        run(task, SETTINGS, tmp_path)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("a mistake in the code"),
        RuntimeError("Caught RuntimeError in DataLoader worker process 0. a mistake in the code"),
        EOFError("Caught EOFError in DataLoader worker process 0. a mistake in the code"),
    ],
)
def test_another_error_stays_what_it_is(tmp_path: Path, error: Exception) -> None:
    task = NoisyTask(SETTINGS)
    task.error_at = 0, error
    with pytest.raises(type(error), match="a mistake in the code"):
        run(task, SETTINGS, tmp_path)


def test_earlier_training_is_left_as_it_is(tmp_path: Path) -> None:
    run(LineTask(SETTINGS), SETTINGS, tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    other = replace(SETTINGS, learning_rate=1.0)

    with pytest.raises(InputError, match="--resume"):
        run(LineTask(other), other, tmp_path)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_resuming_nothing_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to resume"):
        run(LineTask(SETTINGS), SETTINGS, tmp_path, resume=True)
    assert not list(tmp_path.iterdir())


def test_resuming_takes_another_learning_rate_and_more_epochs(tmp_path: Path) -> None:
    run(LineTask(SETTINGS), SETTINGS, tmp_path)
    changed = replace(SETTINGS, epochs=5, learning_rate=5e-9, schedule=Schedule.plateau)
    progress = run(LineTask(changed), changed, tmp_path, resume=True)

    assert progress.next_epoch == 5
    rates = [float(row["learning_rate"]) for row in log_rows(tmp_path)]
    assert rates[3:] == pytest.approx([5e-9, 5e-9])
    assert "learning_rate: 5.0e-09" in (tmp_path / "config.yaml").read_text()


def test_resuming_with_what_cannot_change_changes_nothing(tmp_path: Path) -> None:
    run(LineTask(SETTINGS), SETTINGS, tmp_path)
    before = (tmp_path / "config.yaml").read_text()
    changed = replace(SETTINGS, epochs=9, batch_size=2)

    with pytest.raises(InputError, match=r"optimisation\.batch_size \(4 before, 2 now\)"):
        run(LineTask(changed), changed, tmp_path, resume=True)
    assert (tmp_path / "config.yaml").read_text() == before


def test_resuming_on_other_data_is_refused(tmp_path: Path) -> None:
    run(LineTask(SETTINGS), SETTINGS, tmp_path)
    before = (tmp_path / "config.yaml").read_text()
    longer = replace(SETTINGS, epochs=9)
    other = LineTask(longer)
    other.data_source = {"train_coco_sha256": "of another line"}

    with pytest.raises(InputError, match=r"learnt from .*of the line.*not from .*another line"):
        run(other, longer, tmp_path, resume=True)
    assert (tmp_path / "config.yaml").read_text() == before


@pytest.mark.parametrize("keep_bytes", [0, 100])
def test_a_state_that_was_cut_short_is_one_message(tmp_path: Path, keep_bytes: int) -> None:
    run(LineTask(SETTINGS), SETTINGS, tmp_path)
    for path in (tmp_path / "state").iterdir():
        path.write_bytes(path.read_bytes()[:keep_bytes])

    with pytest.raises(InputError, match=r"not a safetensors.*no state is whole"):
        run(LineTask(SETTINGS), SETTINGS, tmp_path, resume=True)


class NotingLinear(nn.Linear):
    """Notes in what kinds of numbers it answers while it learns."""

    answered_in: ClassVar[list[torch.dtype]] = []

    def forward(self, inputs: Tensor) -> Tensor:
        outputs = super().forward(inputs)
        if self.training:
            self.answered_in.append(outputs.dtype)
        return outputs


def test_bf16_computes_in_half_and_keeps_whole_weights(tmp_path: Path) -> None:
    settings = replace(SETTINGS, precision=Precision.bf16, epochs=2)
    task = LineTask(settings)
    task.model = NotingLinear(1, 1)
    progress = run(task, settings, tmp_path)

    assert set(NotingLinear.answered_in) == {torch.bfloat16}
    assert progress.next_epoch == 2
    weights = load_file(tmp_path / "last.safetensors")
    assert {tensor.dtype for tensor in weights.values()} == {torch.float32}
    losses = [float(row["train/squared_error"]) for row in log_rows(tmp_path)]
    assert losses[1] < losses[0]


@pytest.mark.parametrize("can", [True, False])
def test_precision_is_what_the_processor_computes_in(
    can: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": can})
    monkeypatch.setattr(NotingLinear, "answered_in", [])
    settings = replace(SETTINGS, precision=Precision.auto, epochs=1)
    task = LineTask(settings)
    task.model = NotingLinear(1, 1)
    run(task, settings, tmp_path)

    assert set(NotingLinear.answered_in) == {torch.bfloat16 if can else torch.float32}
    assert f"learning in {'bf16' if can else 'fp32'}" in caplog.text

    settled = Precision.bf16 if can else Precision.fp32
    # What the network's checkpoint says.
    assert task.config.optimisation.precision == settled

    # Elsewhere it goes on as it began.
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": not can})
    longer = replace(settings, epochs=2)
    run(LineTask(longer), longer, tmp_path, resume=True)
    assert load_config(LineConfig, tmp_path / "config.yaml", []).optimisation.precision == settled


def test_a_training_that_does_not_say_its_precision_is_not_resumed_in_another(
    tmp_path: Path,
) -> None:
    settings = replace(SETTINGS, precision=Precision.auto, epochs=1)
    run(LineTask(settings), settings, tmp_path)
    write_config(LineConfig(settings), tmp_path / "config.yaml")
    longer = replace(settings, epochs=2)

    with pytest.raises(InputError, match=r"config\.yaml: .* is auto, .* write bf16 or"):
        run(LineTask(longer), longer, tmp_path, resume=True)
    write_config(LineConfig(replace(settings, precision=Precision.fp32)), tmp_path / "config.yaml")
    run(LineTask(longer), longer, tmp_path, resume=True)
    assert len(log_rows(tmp_path)) == 2


def test_workers_that_load_change_nothing_of_what_is_learnt(tmp_path: Path) -> None:
    for workers in (0, 2):
        settings = replace(SETTINGS, loader_workers=workers)
        run(LineTask(settings), settings, tmp_path / str(workers))
    without, with_two = (load_file(tmp_path / f"{n}" / "last.safetensors") for n in (0, 2))

    assert all(torch.equal(without[name], with_two[name]) for name in without)


def test_a_log_file_is_told_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("formats.progress.SECONDS_BETWEEN_LINES", 0.0)
    with caplog.at_level(logging.INFO):
        run(LineTask(SETTINGS), SETTINGS, tmp_path)
    lines = [r.getMessage() for r in caplog.records if r.name == "formats.progress"]

    # None before the first of an epoch's four steps.
    assert len(lines) == 3 * 3
    assert re.match(
        r"epoch 2/3: 3 of 4 done, .*step.*, \d\d:\d\d left, loss \d+\.\d+, "
        r"\d+\.\d images/s, \d+% waiting for data, all epochs in \d\d:\d\d",
        lines[5],
    )


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
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "CUDA_VISIBLE_DEVICES": "",
            # Otherwise processes that are started again may find their forerunners' addresses.
            "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1",
        }
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
        "import os, sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pathlib import Path\n"
        "from test_loop import SETTINGS, LineTask, run\n"
        "from training.loop import leave_process_group\n"
        f"progress = run(LineTask(SETTINGS), SETTINGS, Path({str(tmp_path / 'run')!r}))\n"
        # One write each: both processes share one pipe.
        "ending = f'ended at {progress.next_epoch} {progress.best_epoch}\\n'\n"
        "os.write(sys.stdout.fileno(), ending.encode())\n"
        "leave_process_group()\n"
    )
    done = torchrun([str(script)])

    assert done.returncode == 0, done.stderr
    endings = [line for line in done.stdout.splitlines() if "ended at" in line]
    assert len(endings) == 2
    assert len(set(endings)) == 1
    assert len(log_rows(tmp_path / "run")) == 3


class KilledTask(LineTask):
    """Loses its second process in the middle of an epoch, but once."""

    def __init__(self, settings: OptimisationConfig, killed_in_epoch: int, once: Path) -> None:
        super().__init__(settings)
        self.killed_in_epoch, self.once = killed_in_epoch, once
        self.step = 0

    def begin_epoch(self, model: nn.Linear, epoch: int) -> None:
        super().begin_epoch(model, epoch)
        self.epoch, self.step = epoch, 0

    def losses(self, model: nn.Module, batch: list[Tensor]) -> dict[str, Tensor]:
        self.step += 1
        here = (self.epoch, self.step, os.environ["RANK"]) == (self.killed_in_epoch, 2, "1")
        if here and not self.once.exists():
            self.once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().losses(model, batch)


@pytest.mark.parametrize("epoch", [0, 1])
def test_a_killed_process_is_replaced_and_the_training_goes_on(
    torchrun: Callable[[list[str]], subprocess.CompletedProcess[str]], tmp_path: Path, epoch: int
) -> None:
    script = tmp_path / "killed.py"
    script.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pathlib import Path\n"
        "from test_loop import SETTINGS, KilledTask, run\n"
        "from training.loop import leave_process_group\n"
        f"folder = Path({str(tmp_path)!r})\n"
        # The second training is not disturbed: the file is there by then.
        "for name in ('killed', 'whole'):\n"
        f"    run(KilledTask(SETTINGS, {epoch}, folder / 'once'), SETTINGS, folder / name)\n"
        "leave_process_group()\n"
    )
    done = torchrun(["--max-restarts=1", str(script)])

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "once").exists()
    assert [row["epoch"] for row in log_rows(tmp_path / "killed")] == ["0", "1", "2"]
    killed, whole = (tmp_path / name / "last.safetensors" for name in ("killed", "whole"))
    for name, weights in load_file(whole).items():
        assert torch.equal(load_file(killed)[name], weights), name


def test_an_earlier_training_is_refused_however_often_it_is_started(
    torchrun: Callable[[list[str]], subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    run(LineTask(SETTINGS), SETTINGS, tmp_path / "run")
    before = (tmp_path / "run" / "last.safetensors").read_bytes()
    script = tmp_path / "again.py"
    script.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from dataclasses import replace\n"
        "from pathlib import Path\n"
        "from test_loop import SETTINGS, LineTask, run\n"
        "longer = replace(SETTINGS, epochs=4)\n"
        f"run(LineTask(longer), longer, Path({str(tmp_path / 'run')!r}))\n"
    )
    done = torchrun(["--max-restarts=1", str(script)])

    assert done.returncode != 0
    assert done.stderr.count("holds an earlier training") >= 2
    assert (tmp_path / "run" / "last.safetensors").read_bytes() == before
