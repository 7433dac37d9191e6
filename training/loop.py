"""The training loop that both networks share.

A `Task` says what is special about a network; `fit` runs the epochs: learn, average, validate,
save, and stop early. It runs unchanged on a CPU, on a GPU, and on several under `torchrun`.
"""

import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs, PartialState
from accelerate.utils import DataLoaderConfiguration
from torch import nn
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from formats.errors import InputError
from training.config import OptimisationConfig, Precision, Schedule
from training.errors import NonFiniteLossError
from training.log import TrainingLog
from training.schedule import averaged_copy, warmup_cosine, warmup_plateau

logger = logging.getLogger(__name__)
STATE_FOLDER = "state"


@dataclass
class Task:
    """What is special about training one network."""

    model: nn.Module
    train_loader: DataLoader
    losses: Callable[[nn.Module, Any], dict[str, torch.Tensor]]
    """Model and batch to named scalar losses, whose sum is minimised."""
    validate: Callable[[nn.Module], dict[str, float]]
    """Averaged model to validation figures."""
    monitored: str
    """The validation figure that chooses the best epoch; higher is better."""
    save: Callable[[nn.Module, Path, dict[str, float]], None]
    """Model, path and validation figures to a checkpoint file."""
    begin_epoch: Callable[[nn.Module, int], None]
    """Model and epoch from 0: puts layers into training mode, frozen ones excepted."""


@dataclass
class Progress:
    """Where a training stands; part of the saved state."""

    next_epoch: int = 0
    best_value: float = -math.inf
    best_epoch: int = -1
    reductions: int = 0
    """How often the learning rate has been reduced on a plateau."""
    reduced_epoch: int = -1

    def count_plateau(self, epoch: int, plateau_epochs: int) -> None:
        """Count a reduction when no epoch since the last one or the best has been better."""
        if epoch - max(self.best_epoch, self.reduced_epoch) >= plateau_epochs:
            self.reductions += 1
            self.reduced_epoch = epoch

    def state_dict(self) -> dict[str, Any]:
        """Return plain values for saving."""
        return vars(self).copy()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take saved values."""
        vars(self).update(state)


@dataclass
class EpochTimer:
    """Splits an epoch's time into waiting for data and the rest."""

    seconds_loading: float = 0.0
    images: int = 0
    _start: float = field(default_factory=time.perf_counter)

    def timed(self, loader: DataLoader) -> Iterator[Any]:
        """Yield the loader's batches and count the time that each took to come."""
        batches = iter(loader)
        while True:
            begin = time.perf_counter()
            batch = next(batches, None)
            self.seconds_loading += time.perf_counter() - begin
            if batch is None:
                return
            yield batch

    @property
    def loading_share(self) -> float:
        """Part of the time so far that was spent waiting for data."""
        return self.seconds_loading / max(1e-9, time.perf_counter() - self._start)

    @property
    def images_per_second(self) -> float:
        """Images learnt from, in this process, for each second so far."""
        return self.images / max(1e-9, time.perf_counter() - self._start)


def make_accelerator(config: OptimisationConfig, device: str) -> Accelerator:
    """Prepare the device and, under `torchrun`, the process group.

    Call it before the models are built; it moves and seeds nothing.

    Raises:
        InputError: a GPU was asked for and there is none.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("--device cuda: this torch sees no GPU; use --device cpu or auto")
    # It names every file of the saved state, epoch after epoch.
    logging.getLogger("accelerate").setLevel(logging.WARNING)
    return Accelerator(
        cpu=device == "cpu",
        mixed_precision="no" if config.precision == Precision.fp32 else config.precision.value,
        dataloader_config=DataLoaderConfiguration(use_seedable_sampler=True),
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
    )


def leave_process_group() -> None:
    """Part from the other processes under `torchrun`, after the last training."""
    PartialState().destroy_process_group()


def training_loader(
    dataset: Dataset, config: OptimisationConfig, collate: Callable[[list[Any]], Any] | None = None
) -> DataLoader:
    """Return shuffled full batches; a data set smaller than a batch is one batch."""
    return DataLoader(
        dataset,
        min(config.batch_size, len(dataset)),  # type: ignore[arg-type]
        shuffle=True,
        drop_last=True,
        collate_fn=collate,
        num_workers=config.loader_workers,
        persistent_workers=config.loader_workers > 0,
        generator=torch.Generator().manual_seed(config.seed),
    )


def fit(
    task: Task, config: OptimisationConfig, run_dir: Path, accelerator: Accelerator, resume: bool
) -> Progress:
    """Train until the last epoch or until validation stops improving.

    Writes `best.safetensors`, `last.safetensors`, `log.csv`, TensorBoard files and the state for
    resuming into `run_dir`.

    Raises:
        InputError: `resume` without a saved state, or a saved state without `resume`.
        NonFiniteLossError: the loss is NaN or infinite.
    """
    optimizer = torch.optim.AdamW(
        parameter_groups(task.model, config.weight_decay), lr=config.learning_rate
    )
    averaged = averaged_copy(task.model, config.ema_decay).to(accelerator.device)
    progress = Progress()
    model, optimizer, loader = accelerator.prepare(task.model, optimizer, task.train_loader)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, learning_rate_factor(config, len(loader), progress)
    )
    accelerator.register_for_checkpointing(averaged, progress, schedule)
    _load_state(accelerator, run_dir, resume)
    log = TrainingLog(run_dir, progress.next_epoch) if accelerator.is_main_process else None
    for epoch in range(progress.next_epoch, config.epochs):
        if epoch - progress.best_epoch > config.patience_epochs and progress.best_epoch >= 0:
            logger.info(
                "no better %s for %d epochs: stopping", task.monitored, config.patience_epochs
            )
            break
        task.begin_epoch(accelerator.unwrap_model(model), epoch)
        loader.set_epoch(epoch)
        figures = train_epoch(
            task, model, loader, optimizer, schedule, averaged, accelerator, config, epoch
        )
        progress.next_epoch = epoch + 1
        if accelerator.is_main_process and log is not None:
            figures |= _validate_and_save(task, averaged.module, run_dir, epoch, progress)
            log.write(epoch, figures)
            progress.count_plateau(epoch, config.plateau_epochs)
        _share_progress(accelerator, progress)
        accelerator.save_state(str(run_dir / STATE_FOLDER), safe_serialization=True)
    if log is not None:
        log.close()
    return progress


def learning_rate_factor(
    config: OptimisationConfig, steps_per_epoch: int, progress: Progress
) -> Callable[[int], float]:
    """Return the configured schedule as a factor by step."""
    warmup_steps = round(config.warmup_epochs * steps_per_epoch)
    if config.schedule == Schedule.plateau:
        return warmup_plateau(warmup_steps, lambda: progress.reductions)
    return warmup_cosine(warmup_steps, config.epochs * steps_per_epoch)


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Split parameters so that only weights decay: biases and norm scales do not."""
    decayed = [p for p in model.parameters() if p.ndim > 1]
    undecayed = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": undecayed, "weight_decay": 0.0},
    ]


def train_epoch(
    task: Task,
    model: nn.Module,
    loader: DataLoader,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    averaged: AveragedModel,
    accelerator: Accelerator,
    config: OptimisationConfig,
    epoch: int,
) -> dict[str, float]:
    """Learn from every batch once and return the mean losses and the speed."""
    timer = EpochTimer()
    sums: dict[str, float] = {}
    bar = tqdm(
        timer.timed(loader),
        total=len(loader),
        desc=f"epoch {epoch + 1}/{config.epochs}",
        disable=None if accelerator.is_main_process else True,
    )
    for batch in bar:
        with accelerator.autocast():
            losses = task.losses(model, batch)
            total = torch.stack(list(losses.values())).sum()
        values = {name: loss.item() for name, loss in losses.items()}
        if not math.isfinite(sum(values.values())):
            raise NonFiniteLossError(f"epoch {epoch + 1}: loss is not finite: {values}")
        optimizer.zero_grad()
        accelerator.backward(total)
        accelerator.clip_grad_norm_(model.parameters(), config.max_gradient_norm)
        optimizer.step()
        schedule.step()
        averaged.update_parameters(accelerator.unwrap_model(model))
        timer.images += config.batch_size
        for name, value in values.items():
            sums[name] = sums.get(name, 0.0) + value
        bar.set_postfix(loss=f"{sum(values.values()):.3f}", loading=f"{timer.loading_share:.0%}")
    means = {f"train/{name}": total / len(loader) for name, total in sums.items()}
    return {
        **means,
        "learning_rate": schedule.get_last_lr()[0],
        "images_per_second": timer.images_per_second * accelerator.num_processes,
        "loading_share": timer.loading_share,
    }


def _validate_and_save(
    task: Task, averaged: nn.Module, run_dir: Path, epoch: int, progress: Progress
) -> dict[str, float]:
    averaged.eval()
    metrics = task.validate(averaged)
    described = ", ".join(f"{name} {value:.4f}" for name, value in metrics.items())
    logger.info("epoch %d: %s", epoch + 1, described)
    task.save(averaged, run_dir / "last.safetensors", metrics)
    if metrics[task.monitored] > progress.best_value:
        progress.best_value = metrics[task.monitored]
        progress.best_epoch = epoch
        task.save(averaged, run_dir / "best.safetensors", metrics)
    return {f"val/{name}": value for name, value in metrics.items()}


def _share_progress(accelerator: Accelerator, progress: Progress) -> None:
    """Tell every process what the main one found, so that all stop at the same epoch."""
    if accelerator.num_processes == 1:
        return
    shared = [progress.state_dict()]
    torch.distributed.broadcast_object_list(shared, src=0)
    progress.load_state_dict(shared[0])


def _load_state(accelerator: Accelerator, run_dir: Path, resume: bool) -> None:
    state = run_dir / STATE_FOLDER
    if resume and not state.is_dir():
        raise InputError(f"{run_dir}: nothing to resume; start without --resume")
    if not resume and state.is_dir():
        raise InputError(
            f"{run_dir}: holds an earlier training; add --resume or name another folder"
        )
    if resume:
        accelerator.load_state(str(state))
