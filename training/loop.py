"""The training loop that all networks share.

A `Task` says what is special about a network; a `Trainer` runs its epochs: learn, average,
validate, save, and stop early. It runs unchanged on a CPU, on a GPU, and on several under
`torchrun`.
"""

import logging
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs, PartialState
from accelerate.utils import DataLoaderConfiguration, set_seed
from safetensors import SafetensorError
from torch import nn
from torch.utils.data import DataLoader, Dataset

from formats.errors import InputError
from formats.progress import with_progress
from training.config import OptimisationConfig, Precision, Schedule, write_config
from training.device import require_device
from training.errors import NonFiniteLossError
from training.log import TrainingLog
from training.pace import EpochTimer, as_duration
from training.progress import Progress
from training.run_folder import CONFIG_FILE, STATE_FOLDER, check_run_folder
from training.schedule import averaged_copy, warmup_cosine, warmup_plateau
from training.task import Task

logger = logging.getLogger(__name__)
# How a state that was cut short or belongs to another version fails to be read.
UNREADABLE_STATE = (
    EOFError,
    IndexError,
    KeyError,
    OSError,
    RuntimeError,
    SafetensorError,
    ValueError,
    pickle.UnpicklingError,
)


class TrainingConfig(Protocol):
    """A configuration dataclass of any of the networks."""

    @property
    def optimisation(self) -> OptimisationConfig:
        """How long and how fast it learns."""


def train(
    make_task: Callable[[torch.device], Task[Any]],
    config: TrainingConfig,
    run_dir: Path,
    device: str,
    resume: bool,
) -> Progress:
    """Train a network and leave its checkpoints, logs and settings in `run_dir`.

    Args:
        make_task: reads the data and builds the network, for the device that is trained on.
        config: what the run is described by.
        run_dir: is made if it is not there; it is left as it is where an error comes before the
            first step.
        device: `auto`, `cpu` or `cuda`.
        resume: go on with the training that is in `run_dir`.

    Raises:
        InputError: the configuration, the folder, the data or the weights are not usable.
        NonFiniteLossError: training diverged.
    """
    check_run_folder(config, run_dir, resume)
    accelerator = make_accelerator(config.optimisation, device)
    set_seed(config.optimisation.seed)
    task = make_task(accelerator.device)
    # Each process of several augments differently.
    set_seed(config.optimisation.seed, device_specific=True)
    trainer = Trainer(task, config.optimisation, run_dir, accelerator)
    if resume:
        trainer.load_state()
    if accelerator.is_main_process:
        write_config(config, run_dir / CONFIG_FILE)
    return trainer.fit()


class Trainer:
    """A training with all of its state."""

    def __init__(
        self,
        task: Task[Any],
        config: OptimisationConfig,
        run_dir: Path,
        accelerator: Accelerator,
    ) -> None:
        """Set the training up, from its beginning.

        Args:
            task: the network and its data.
            config: how long and how fast it learns.
            run_dir: for checkpoints, logs, and the state for resuming.
            accelerator: from `make_accelerator`.
        """
        self._task = task
        self._config = config
        self._run_dir = run_dir
        self._accelerator = accelerator
        self._progress = Progress(data_source=task.data_source)
        optimizer = torch.optim.AdamW(
            parameter_groups(task.model, config.weight_decay), lr=config.learning_rate
        )
        self._averaged = averaged_copy(task.model, config.ema_decay).to(accelerator.device)
        self._model, self._optimizer, self._loader = accelerator.prepare(
            task.model, optimizer, task.train_loader
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, learning_rate_factor(config, len(self._loader), self._progress)
        )
        accelerator.register_for_checkpointing(self._averaged, self._progress, self._schedule)

    def load_state(self) -> None:
        """Go back to where an earlier training in the folder stood.

        Raises:
            InputError: the state cannot be read, or the training learnt from other data.
        """
        state = self._run_dir / STATE_FOLDER
        try:
            self._accelerator.load_state(str(state))
        except UNREADABLE_STATE as error:
            raise InputError(
                f"{state}: damaged, or of another version ({str(error).splitlines()[:1]}); start "
                "again in another folder"
            ) from error
        if self._progress.data_source != self._task.data_source:
            raise InputError(
                f"{self._run_dir}: this training learnt from {self._progress.data_source}, not "
                f"from {self._task.data_source}; give the same data, or name another folder"
            )
        self._take_settings()

    def fit(self) -> Progress:
        """Train until the last epoch or until validation stops improving.

        Writes `best.safetensors`, `last.safetensors`, `log.csv`, TensorBoard files and the state
        for resuming.

        Raises:
            NonFiniteLossError: the loss is NaN or infinite.
        """
        is_main = self._accelerator.is_main_process
        progress, config = self._progress, self._config
        log = TrainingLog(self._run_dir, progress.next_epoch) if is_main else None
        for epoch in range(progress.next_epoch, config.epochs):
            if progress.is_stuck(epoch, config.patience_epochs):
                logger.info(
                    "no better %s for %d epochs: stopping",
                    self._task.monitored,
                    config.patience_epochs,
                )
                break
            figures = self._learn_epoch(epoch)
            progress.next_epoch = epoch + 1
            if log is not None:
                log.write(epoch, figures | self._validate_and_save(epoch))
                progress.count_plateau(epoch, config.plateau_epochs)
            self._share_progress()
            self._accelerator.save_state(str(self._run_dir / STATE_FOLDER), safe_serialization=True)
        if log is not None:
            log.close()
        return progress

    def _learn_epoch(self, epoch: int) -> dict[str, float]:
        """Learn from every batch once and return the mean losses and the speed."""
        self._task.begin_epoch(self._network, epoch)
        self._loader.set_epoch(epoch)
        self._set_rate()
        timer = EpochTimer()
        history: list[dict[str, float]] = []
        for batch in self._shown(timer, epoch, history):
            history.append(self._step(batch, epoch))
            timer.images += self._config.batch_size
        means = {
            f"train/{name}": sum(losses[name] for losses in history) / len(history)
            for name in history[0]
        }
        return {
            **means,
            "learning_rate": self._schedule.get_last_lr()[0],
            "images_per_second": timer.images_per_second * self._accelerator.num_processes,
            "loading_share": timer.loading_share,
        }

    def _step(self, batch: Any, epoch: int) -> dict[str, float]:
        """Learn from one batch and return its losses."""
        with self._accelerator.autocast():
            losses = self._task.losses(self._model, batch)
            total = torch.stack(list(losses.values())).sum()
        values = {name: loss.item() for name, loss in losses.items()}
        if not math.isfinite(sum(values.values())):
            raise NonFiniteLossError(f"epoch {epoch + 1}: loss is not finite: {values}")
        self._optimizer.zero_grad()
        self._accelerator.backward(total)
        self._accelerator.clip_grad_norm_(self._model.parameters(), self._config.max_gradient_norm)
        self._optimizer.step()
        self._schedule.step()
        self._averaged.update_parameters(self._network)
        return values

    def _shown(self, timer: EpochTimer, epoch: int, history: list[dict[str, float]]) -> Any:
        """Return the epoch's batches; the main process shows how it goes while they are taken."""
        batches = timer.timed(self._loader)
        if not self._accelerator.is_main_process:
            return batches

        def state() -> str:
            loss, speed = sum(history[-1].values()), timer.images_per_second
            steps_left = (self._config.epochs - epoch) * len(self._loader) - len(history)
            left = as_duration(steps_left * timer.seconds / len(history))
            return (
                f"loss {loss:.3f}, {speed * self._accelerator.num_processes:.1f} images/s, "
                f"{timer.loading_share:.0%} waiting for data, all epochs in {left}"
            )

        title = f"epoch {epoch + 1}/{self._config.epochs}"
        return with_progress(batches, title, item_count=len(self._loader), unit="step", state=state)

    def _validate_and_save(self, epoch: int) -> dict[str, float]:
        averaged = self._averaged.module.eval()
        metrics = self._task.validate(averaged)
        described = ", ".join(f"{name} {value:.4f}" for name, value in metrics.items())
        logger.info("epoch %d: %s", epoch + 1, described)
        self._task.save(averaged, self._run_dir / "last.safetensors", metrics)
        if self._progress.note(epoch, metrics[self._task.monitored]):
            self._task.save(averaged, self._run_dir / "best.safetensors", metrics)
        return {f"val/{name}": value for name, value in metrics.items()}

    def _share_progress(self) -> None:
        """Tell every process what the main one found, so that all stop at the same epoch."""
        if self._accelerator.num_processes == 1:
            return
        shared = [self._progress.state_dict()]
        torch.distributed.broadcast_object_list(shared, src=0)
        self._progress.load_state_dict(shared[0])

    def _take_settings(self) -> None:
        """Let settings take effect that have changed since the state was saved."""
        fresh = parameter_groups(self._network, self._config.weight_decay)
        for group, own in zip(self._optimizer.param_groups, fresh, strict=True):
            group["weight_decay"] = own["weight_decay"]
        self._schedule.base_lrs = [self._config.learning_rate] * len(fresh)

    def _set_rate(self) -> None:
        """Set the next step's learning rate by what is known now, as the step before could not."""
        groups = zip(
            self._optimizer.param_groups,
            self._schedule.base_lrs,
            self._schedule.lr_lambdas,
            strict=True,
        )
        for group, base, factor in groups:
            group["lr"] = base * factor(self._schedule.last_epoch)

    @property
    def _network(self) -> nn.Module:
        return self._accelerator.unwrap_model(self._model)


def make_accelerator(config: OptimisationConfig, device: str) -> Accelerator:
    """Prepare the device and, under `torchrun`, the process group.

    Call it before the models are built; it moves and seeds nothing.

    Raises:
        InputError: a GPU was asked for and there is none.
    """
    require_device(device)
    # It names every file of the saved state, epoch after epoch.
    logging.getLogger("accelerate").setLevel(logging.WARNING)
    return Accelerator(
        # Left to itself, it starts no process group where there is no GPU, and several processes
        # would each train a network of their own into one folder.
        cpu=device == "cpu" or not torch.accelerator.is_available(),
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
