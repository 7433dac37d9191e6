"""The training loop that all networks share.

A `Task` says what is special about a network; a `Trainer` runs its epochs: learn, average,
validate, save, and stop early. It runs unchanged on a CPU, on a GPU, and on several under
`torchrun`.
"""

import logging
import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs, PartialState
from accelerate.utils import set_seed
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from formats.errors import InputError, Interrupted
from formats.progress import with_progress
from training.allocation import keep_freed_memory
from training.config import OptimisationConfig, Precision, Schedule, load_config, write_config
from training.errors import NonFiniteLossError
from training.examples.example_order import DrawnExamples, ExampleOrder
from training.interruption import HeldSignals
from training.log import TrainingLog
from training.networks.device import computes_in_bfloat16, require_device
from training.pace import EpochTimer, as_duration
from training.progress import Progress
from training.resources import resource_error
from training.saving.restarts import is_restarted, note_start
from training.saving.run_folder import CONFIG_FILE, STATE_FOLDER, check_run_folder
from training.saving.saved_training import (
    SavedTraining,
    holds_training,
    read_newest_training,
    save_training,
)
from training.saving.stored_weights import State
from training.schedule import averaged_copy, warmup_cosine, warmup_plateau
from training.task import Task

logger = logging.getLogger(__name__)


class TrainingConfig(Protocol):
    """A configuration dataclass of any of the networks."""

    @property
    def optimisation(self) -> OptimisationConfig:
        """How long and how fast it learns."""


Config = TypeVar("Config", bound=TrainingConfig)


def train(
    make_task: Callable[[Config, torch.device], Task[Any]],
    config: Config,
    run_dir: Path,
    device: str,
    resume: bool,
) -> Progress:
    """Train a network and leave its checkpoints, logs and settings in `run_dir`.

    Args:
        make_task: reads the data and builds the network, from the configuration with `auto` settled
            and for the device that is trained on.
        config: what the run is described by.
        run_dir: is made if it is not there; it is left as it is where an error comes before the
            first step.
        device: `auto`, `cpu` or `cuda`.
        resume: go on with the training that is in `run_dir`; what `torchrun` has started again,
            because a process of it died, does so unasked.

    Raises:
        InputError: the configuration, the folder, the data or the weights are not usable.
        NonFiniteLossError: training diverged.
        ResourceError: memory ran out, or a process that loads images died.
        Interrupted: by Ctrl-C or SIGTERM, after the state was saved.
    """
    # A process that died before an epoch was finished has left nothing to go on with.
    resume = resume or (is_restarted(run_dir) and holds_training(run_dir / STATE_FOLDER))
    is_resumed = resume and holds_training(run_dir / STATE_FOLDER)
    config = _with_precision(config, device, run_dir if is_resumed else None)
    check_run_folder(config, run_dir, resume)
    accelerator = make_accelerator(config.optimisation, device)
    note_start(run_dir)
    keep_freed_memory()
    set_seed(config.optimisation.seed)
    task = make_task(config, accelerator.device)
    # Each process of several augments differently.
    set_seed(config.optimisation.seed, device_specific=True)
    trainer = Trainer(task, config.optimisation, run_dir, accelerator)
    if resume:
        trainer.go_on()
    if accelerator.is_main_process:
        logger.info("learning in %s", config.optimisation.precision)
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
        self._order: ExampleOrder = task.train_loader.sampler  # type: ignore[assignment]
        self._step_examples = task.train_loader.batch_size or 1
        optimizer = torch.optim.AdamW(
            parameter_groups(task.model, config.weight_decay),
            lr=config.learning_rate,
            # One pass over all parameters, not a dozen over each.
            fused=True,
        )
        self._averaged = averaged_copy(task.model, config.ema_decay).to(accelerator.device)
        self._model, self._optimizer, self._loader = accelerator.prepare(
            task.model, optimizer, task.train_loader
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, learning_rate_factor(config, len(self._loader), self._progress)
        )
        self._is_updating = False

    def go_on(self) -> None:
        """Go back to where an earlier training in the folder stood.

        Raises:
            InputError: the state cannot be read, or the training learnt from other data.
        """
        folder = self._run_dir / STATE_FOLDER
        saved = read_newest_training(folder)
        try:
            self._take(saved)
        except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise InputError(
                f"{folder}: the state is of another network or version "
                f"({str(error).splitlines()[:1]}); start again in another folder"
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
            ResourceError: memory ran out, or a process that loads images died.
            Interrupted: by Ctrl-C or SIGTERM, after the state was saved.
        """
        is_main = self._accelerator.is_main_process
        progress, config = self._progress, self._config
        log = TrainingLog(self._run_dir, progress.next_epoch) if is_main else None
        with HeldSignals() as signals:
            for epoch in range(progress.next_epoch, config.epochs):
                if progress.is_stuck(epoch, config.patience_epochs):
                    logger.info(
                        "no better %s for %d epochs: stopping",
                        self._task.monitored,
                        config.patience_epochs,
                    )
                    break
                figures = self._learn_epoch(epoch, signals)
                if log is not None:
                    self._end_epoch(epoch, figures, log, signals)
                self._share_progress()
                self._save_state()
        if log is not None:
            log.close()
        return progress

    def _learn_epoch(self, epoch: int, signals: HeldSignals) -> dict[str, float]:
        """Learn from the epoch's batches and return the mean losses and the speed."""
        losses = self._progress.losses
        self._task.begin_epoch(self._network, epoch)
        self._order.begin_epoch(epoch, skip=self._examples_before(len(losses)))
        self._set_rate()
        timer = EpochTimer()
        try:
            for batch in self._shown(timer, epoch):
                signals.hold_deaths_of_children()
                losses.append(self._step(batch, epoch))
                timer.images += self._config.batch_size
                self._stop_if_asked(signals)
        except (RuntimeError, MemoryError, OSError, EOFError) as error:
            self._explain(error, epoch, signals)
            raise
        means = {
            f"train/{name}": sum(step[name] for step in losses) / len(losses) for name in losses[0]
        }
        return {
            **means,
            "learning_rate": self._schedule.get_last_lr()[0],
            "images_per_second": timer.images_per_second * self._accelerator.num_processes,
            "loading_share": timer.loading_share,
        }

    def _step(self, batch: Any, epoch: int) -> dict[str, float]:
        """Learn from one batch and return its losses."""
        with self._autocast():
            losses = self._task.losses(self._model, batch)
            total = torch.stack(list(losses.values())).sum()
        # All at once, as a GPU is waited for each time.
        values = dict(zip(losses, torch.stack(list(losses.values())).tolist(), strict=True))
        if not math.isfinite(sum(values.values())):
            raise self._diverged(epoch, f"loss is not finite: {values}")
        self._optimizer.zero_grad()
        self._accelerator.backward(total)
        norm = self._accelerator.clip_grad_norm_(
            self._model.parameters(), self._config.max_gradient_norm
        )
        # Those of scaled numbers may be; their step is left out and the scale lowered.
        if self._config.precision != Precision.fp16 and not math.isfinite(norm):
            raise self._diverged(epoch, f"gradient is not finite; losses {values}")
        self._is_updating = True
        self._optimizer.step()
        self._schedule.step()
        self._averaged.update_parameters(self._network)
        self._is_updating = False
        return values

    def _autocast(self) -> AbstractContextManager[None]:
        if self._config.precision == Precision.bf16:
            return torch.autocast(self._accelerator.device.type, torch.bfloat16)
        return self._accelerator.autocast()

    def _diverged(self, epoch: int, what: str) -> NonFiniteLossError:
        """Say so with the files of the batch, before anything is changed by it."""
        step = len(self._progress.losses)
        start = self._examples_before(step) + self._accelerator.process_index * self._step_examples
        indices = self._order.indices(start, start + self._step_examples)
        files = sorted({self._task.example_files[index] for index in indices})
        return NonFiniteLossError(
            f"epoch {epoch + 1}, step {step + 1}: {what}; the batch is of {', '.join(files)}; "
            "look at these films and their boxes, or lower optimisation.learning_rate and go on "
            "with --resume"
        )

    def _examples_before(self, step: int) -> int:
        """Return how many of an epoch's examples all processes have drawn before a step."""
        return step * self._step_examples * self._accelerator.num_processes

    def _stop_if_asked(self, signals: HeldSignals) -> None:
        """End at a signal, the state saved; of several processes all at the same step."""
        number = torch.tensor(signals.number or 0, device=self._accelerator.device)
        if self._accelerator.num_processes > 1:
            number = self._accelerator.gather(number[None]).max()
        if number:
            self._interrupt(int(number))

    def _interrupt(self, signal_number: int) -> None:
        self._save_state()
        raise Interrupted(signal_number, f"{self._run_dir}: go on with --resume")

    def _explain(self, error: Exception, epoch: int, signals: HeldSignals) -> None:
        """Raise in words what the machine lacked, the state saved where it is whole.

        One of several processes cannot save: the others wait for it in the step.
        """
        can_save = not self._is_updating and self._accelerator.num_processes == 1
        way_on = "go on with --resume"
        if not can_save and not holds_training(self._run_dir / STATE_FOLDER):
            way_on = "start again"
        where = f"epoch {epoch + 1}, step {len(self._progress.losses) + 1}"
        explained = resource_error(error, where, way_on)
        if explained is None:
            return
        if can_save:
            self._save_state()
        if signals.number is not None:
            # What asked this process to end has ended those that load.
            raise Interrupted(signals.number, f"{self._run_dir}: {way_on}") from error
        raise explained from error

    def _shown(self, timer: EpochTimer, epoch: int) -> Any:
        """Return the epoch's batches; the main process shows how it goes while they are taken."""
        batches = timer.timed(self._loader)
        if not self._accelerator.is_main_process:
            return batches
        losses = self._progress.losses

        def state() -> str:
            loss, speed = sum(losses[-1].values()), timer.images_per_second
            steps_left = (self._config.epochs - epoch) * len(self._loader) - len(losses)
            left = as_duration(steps_left * self._config.batch_size / speed)
            return (
                f"loss {loss:.3f}, {speed * self._accelerator.num_processes:.1f} images/s, "
                f"{timer.loading_share:.0%} waiting for data, all epochs in {left}"
            )

        title = f"epoch {epoch + 1}/{self._config.epochs}"
        steps_left = len(self._loader) - len(losses)
        return with_progress(batches, title, item_count=steps_left, unit="step", state=state)

    def _end_epoch(
        self, epoch: int, figures: dict[str, float], log: TrainingLog, signals: HeldSignals
    ) -> None:
        """Validate, save and note what came of an epoch."""
        if self._accelerator.num_processes > 1:
            # The other processes wait for this one.
            metrics = self._validate_and_save(epoch)
        else:
            try:
                with signals.let_through():
                    metrics = self._validate_and_save(epoch)
            except Interrupted as interruption:
                self._interrupt(interruption.signal_number)
        log.write(epoch, figures | {f"val/{name}": value for name, value in metrics.items()})
        self._progress.note(epoch, metrics[self._task.monitored])
        self._progress.count_plateau(epoch, self._config.plateau_epochs)

    def _validate_and_save(self, epoch: int) -> dict[str, float]:
        averaged = self._averaged.module.eval()
        metrics = self._task.validate(averaged)
        described = ", ".join(f"{name} {value:.4f}" for name, value in metrics.items())
        logger.info("epoch %d: %s", epoch + 1, described)
        self._task.save(averaged, self._run_dir / "last.safetensors", metrics)
        if self._progress.is_best(metrics[self._task.monitored]):
            self._task.save(averaged, self._run_dir / "best.safetensors", metrics)
        return metrics

    def _save_state(self) -> None:
        """Save where the training stands; all processes have to come here together."""
        optimizer = self._optimizer.state_dict()
        scaler = self._accelerator.scaler
        saved = SavedTraining(
            values={
                "progress": self._progress.state_dict(),
                "schedule": self._schedule.state_dict(),
                "groups": optimizer["param_groups"],
                **({"scaler": scaler.state_dict()} if scaler is not None else {}),
            },
            model=self._network.state_dict(),
            averaged=self._averaged.state_dict(),
            optimizer={
                f"{number}.{name}": tensor
                for number, values in optimizer["state"].items()
                for name, tensor in values.items()
            },
            random=self._random_states(),
        )
        if self._accelerator.is_main_process:
            progress = self._progress
            folder = self._run_dir / STATE_FOLDER
            save_training(saved, folder, progress.next_epoch, len(progress.losses))
        self._accelerator.wait_for_everyone()

    def _take(self, saved: SavedTraining) -> None:
        """Become what was saved."""
        self._network.load_state_dict(saved.model)
        self._averaged.load_state_dict(saved.averaged)
        self._optimizer.load_state_dict(
            {
                "state": self._optimizer_state(saved.optimizer),
                "param_groups": [
                    {**group, "betas": tuple(group["betas"])} for group in saved.values["groups"]
                ],
            }
        )
        self._schedule.load_state_dict(saved.values["schedule"])
        self._progress.load_state_dict(saved.values["progress"])
        if self._accelerator.scaler is not None and "scaler" in saved.values:
            self._accelerator.scaler.load_state_dict(saved.values["scaler"])
        process = self._accelerator.process_index
        # There is none where the training goes on with more processes.
        if f"{process}.cpu" in saved.random:
            torch.set_rng_state(saved.random[f"{process}.cpu"])
        if f"{process}.cuda" in saved.random and self._accelerator.device.type == "cuda":
            torch.cuda.set_rng_state(saved.random[f"{process}.cuda"], self._accelerator.device)

    def _optimizer_state(self, saved: State) -> dict[int, State]:
        """Return the optimizer's values by parameter, laid out in memory as the parameter is."""
        parameters = [p for group in self._optimizer.param_groups for p in group["params"]]
        state: dict[int, State] = {}
        for key, tensor in saved.items():
            number, _, name = key.partition(".")
            parameter = parameters[int(number)]
            if tensor.shape == parameter.shape:
                tensor = torch.empty_like(parameter, requires_grad=False).copy_(tensor)
            state.setdefault(int(number), {})[name] = tensor
        return state

    def _random_states(self) -> State:
        """Return where every process' random numbers are."""
        device = self._accelerator.device
        own: dict[str, Tensor] = {"cpu": torch.get_rng_state()}
        if device.type == "cuda":
            own["cuda"] = torch.cuda.get_rng_state(device)
        return {
            f"{process}.{kind}": of_process.clone()
            for kind, numbers in own.items()
            for process, of_process in enumerate(
                self._accelerator.gather(numbers[None].to(device)).cpu()
            )
        }

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
        cpu=_is_on_processor(device),
        # It keeps the first that a process asks for: bfloat16 it is not asked for.
        mixed_precision="fp16" if config.precision == Precision.fp16 else "no",
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
    )


def _with_precision(config: Config, device: str, resumed: Path | None) -> Config:
    """Settle what `auto` is: what a resumed training learns in, or else what is fastest here."""
    if config.optimisation.precision != Precision.auto:
        return config
    if resumed is not None:
        chosen = load_config(type(config), resumed / CONFIG_FILE, []).optimisation.precision
        if chosen == Precision.auto:
            raise InputError(
                f"{resumed / CONFIG_FILE}: optimisation.precision is auto, which does not say what "
                "this training began in; write bf16 or fp32 there, as it said when it began"
            )
    else:
        on_processor = _is_on_processor(device)
        can_halve = computes_in_bfloat16(torch.device("cpu" if on_processor else "cuda"))
        chosen = Precision.bf16 if can_halve else Precision.fp32
    settled: Any = config
    return replace(settled, optimisation=replace(config.optimisation, precision=chosen))


def _is_on_processor(device: str) -> bool:
    return device == "cpu" or not torch.accelerator.is_available()


def leave_process_group() -> None:
    """Part from the other processes under `torchrun`, after the last training.

    Otherwise the threads that talk to them may abort the process when it ends.
    """
    PartialState().destroy_process_group()


def training_loader(
    dataset: Dataset, config: OptimisationConfig, collate: Callable[[list[Any]], Any] | None = None
) -> DataLoader:
    """Return shuffled full batches; a data set smaller than a batch is one batch."""
    example_count = len(dataset)  # type: ignore[arg-type]
    return DataLoader(
        DrawnExamples(dataset),
        min(config.batch_size, example_count),
        sampler=ExampleOrder(example_count, config.seed),
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
