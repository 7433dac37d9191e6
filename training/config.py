"""Configuration: a YAML file laid over typed defaults, then dotted overrides.

The schema is a dataclass, so an unknown key or a value of the wrong type is an error that names
the file.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from formats.errors import InputError

Schema = TypeVar("Schema")


class Precision(StrEnum):
    """Arithmetic of the forward pass."""

    fp32 = "fp32"
    fp16 = "fp16"
    bf16 = "bf16"


class Schedule(StrEnum):
    """How the learning rate falls after its warm-up."""

    cosine = "cosine"
    """Along half a cosine, whatever validation says."""
    plateau = "plateau"
    """To a tenth whenever validation has not improved for a while."""


@dataclass
class OptimisationConfig:
    """How long and how fast any of the networks learns. Epochs may be fractions for warm-up."""

    epochs: int = 20
    batch_size: int = 8
    """Images for each process and step."""
    learning_rate: float = 4e-4
    weight_decay: float = 0.01
    warmup_epochs: float = 1.0
    schedule: Schedule = Schedule.cosine
    plateau_epochs: int = 3
    """Epochs without a better validation figure before the rate falls, with schedule plateau."""
    max_gradient_norm: float = 10.0
    ema_decay: float = 0.998
    patience_epochs: int = 10
    """Epochs without a better validation figure before training stops."""
    precision: Precision = Precision.fp32
    loader_workers: int = 0
    """Processes that load images; 0 loads in the training process."""
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what would fail in the middle of an epoch."""
        positive = ("epochs", "batch_size", "learning_rate", "plateau_epochs", "max_gradient_norm")
        for name in positive:
            if getattr(self, name) <= 0:
                raise InputError(
                    f"optimisation.{name} is {getattr(self, name)}; give a positive number"
                )
        if not 0 <= self.ema_decay < 1:
            raise InputError(
                f"optimisation.ema_decay is {self.ema_decay}; give a number from 0 to below 1"
            )


def load_config(schema: type[Schema], path: Path, overrides: list[str]) -> Schema:
    """Read `path` over the defaults of `schema`, then `key.sub=value` overrides over both.

    Raises:
        InputError: the file is missing or no YAML, or a key or value does not fit the schema.
    """
    from_file = read_yaml(path)
    try:
        merged = OmegaConf.merge(OmegaConf.structured(schema), from_file)
    except OmegaConfBaseException as error:
        raise InputError(f"{path}: {_first_line(error)}; see {_schema_name(schema)}") from error
    try:
        merged = OmegaConf.merge(merged, OmegaConf.from_dotlist(overrides))
        return OmegaConf.to_object(merged)  # type: ignore[return-value]
    except OmegaConfBaseException as error:
        if isinstance(error.__cause__, InputError):
            raise error.__cause__ from error
        raise InputError(
            f"override {' '.join(overrides)}: {_first_line(error)}; see {_schema_name(schema)}"
        ) from error


def read_yaml(path: Path) -> DictConfig:
    """Read a YAML file of named settings, without asking what they mean.

    Raises:
        InputError: the file is missing, no YAML, or no mapping.
    """
    try:
        settings = OmegaConf.load(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); see configs/") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not YAML ({error}); check the file") from error
    if not isinstance(settings, DictConfig):
        raise InputError(f"{path}: holds a list, not named settings; see configs/")
    return settings


def require_paths(data: Any, names: tuple[str, ...]) -> None:
    """Refuse a data section in which one of the named paths is not given.

    Raises:
        InputError: names the setting and how to give it.
    """
    for name in names:
        if not getattr(data, name):
            raise InputError(f"data.{name} is not set; add data.{name}=PATH to the command")


def config_to_dict(config: Any) -> dict[str, Any]:
    """Turn a configuration dataclass into plain values for a checkpoint's metadata."""
    return asdict(config)


def config_from_dict(schema: type[Schema], values: dict[str, Any]) -> Schema:
    """Rebuild a configuration from a checkpoint's metadata.

    Raises:
        InputError: the values do not fit the schema: the checkpoint is of another version.
    """
    try:
        merged = OmegaConf.merge(OmegaConf.structured(schema), OmegaConf.create(values))
        return OmegaConf.to_object(merged)  # type: ignore[return-value]
    except OmegaConfBaseException as error:
        raise InputError(
            f"the checkpoint's configuration does not fit this version: {_first_line(error)}"
        ) from error


def write_config(config: Any, path: Path) -> None:
    """Save the configuration that a run really used."""
    path.write_text(OmegaConf.to_yaml(OmegaConf.structured(config)), encoding="utf-8")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _schema_name(schema: type) -> str:
    return f"{schema.__name__} in {schema.__module__.replace('.', '/')}.py for what is known"
