"""Configuration: a YAML file laid over typed defaults, then dotted overrides.

The schema is a dataclass, so an unknown key or a value of the wrong type is an error that names
the file.
"""

from dataclasses import asdict, dataclass, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import yaml
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from formats.errors import InputError
from formats.whole_file import write_whole
from training.setting_checks import BELOW_ONE, POSITIVE, at_least, between, check_settings

Schema = TypeVar("Schema")
# Each process of several takes one that is higher by its number, and NumPy takes 32 bits.
LARGEST_SEED = 2**31 - 1


class Precision(StrEnum):
    """Arithmetic of the forward pass."""

    auto = "auto"
    """bf16 where an x86 processor or a GPU computes in it, and otherwise fp32."""
    fp32 = "fp32"
    fp16 = "fp16"
    bf16 = "bf16"


class Schedule(StrEnum):
    """How the learning rate falls after its warm-up."""

    cosine = "cosine"
    """Along half a cosine, whatever validation says."""
    plateau = "plateau"
    """To a tenth whenever validation has not improved for a while."""


@dataclass(kw_only=True)
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
    precision: Precision = Precision.auto
    loader_workers: int = 0
    """Processes that load images; 0 loads in the training process."""
    cache_dir: str = ""
    """Folder in which films are kept as the network takes them, for this training and others;
    `--cache-dir` sets it. Empty for `MAMMO_CACHE_DIR`, or else `~/.cache/mammo`."""
    cache_gib: float = 50.0
    """Beyond which the films that were used longest ago are removed from there."""
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what would fail in the middle of an epoch, or teach nothing."""
        check_settings(
            "optimisation",
            self,
            epochs=at_least(1),
            batch_size=at_least(1),
            learning_rate=POSITIVE,
            weight_decay=at_least(0),
            warmup_epochs=at_least(0),
            plateau_epochs=at_least(1),
            max_gradient_norm=POSITIVE,
            ema_decay=BELOW_ONE,
            patience_epochs=at_least(1),
            loader_workers=at_least(0),
            cache_gib=at_least(0),
            seed=between(0, LARGEST_SEED),
        )


def load_config(schema: type[Schema], path: Path, overrides: list[str]) -> Schema:
    """Read `path` over the defaults of `schema`, then `key.sub=value` overrides over both.

    Where the schema has a text, the value is taken as it is written: `0123`, `yes` and `set #2`
    stay what they are.

    Raises:
        InputError: the file is missing or no YAML, or a key or value does not fit the schema.
    """
    from_file = read_yaml(path)
    try:
        as_written = _with_texts_as_written(schema, from_file, _read_texts(path))
        merged = OmegaConf.merge(OmegaConf.structured(schema), as_written)
    except OmegaConfBaseException as error:
        raise InputError(f"{path}: {_first_line(error)}; see {_schema_name(schema)}") from error
    try:
        return _to_object(OmegaConf.merge(merged, _parse_overrides(schema, overrides)))
    except OmegaConfBaseException as error:
        raise InputError(
            f"override {' '.join(overrides)}: {_first_line(error)}; see {_schema_name(schema)}"
        ) from error


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file of named settings, without asking what they mean.

    Raises:
        InputError: the file is missing, no YAML, or no mapping.
    """
    try:
        settings = OmegaConf.load(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); see configs/") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not YAML ({error}); check the file") from error
    except OmegaConfBaseException as error:
        raise InputError(
            f"{path}: holds a name that is none ({_first_line(error)}); see configs/"
        ) from error
    if not isinstance(settings, DictConfig):
        raise InputError(f"{path}: holds a list, not named settings; see configs/")
    return OmegaConf.to_container(settings)  # type: ignore[return-value]


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
        return _to_object(OmegaConf.merge(OmegaConf.structured(schema), OmegaConf.create(values)))
    except OmegaConfBaseException as error:
        raise InputError(
            f"the checkpoint's configuration does not fit this version: {_first_line(error)}"
        ) from error


def missing_settings(schema: type, values: dict[str, Any]) -> list[str]:
    """Return the dotted names of the settings that a schema has and the values do not give."""
    missing = []
    for name, hint in get_type_hints(schema).items():
        if name not in values:
            missing.append(name)
        elif is_dataclass(hint):
            missing += [f"{name}.{inner}" for inner in missing_settings(hint, values[name])]  # type: ignore[arg-type]
    return missing


def write_config(config: Any, path: Path) -> None:
    """Save the configuration that a run really used, whole or not at all."""
    write_whole(OmegaConf.to_yaml(OmegaConf.structured(config)).encode(), path)


def _to_object(merged: Any) -> Any:
    """Build the schema's dataclasses; what their own checks refuse is an InputError as it is."""
    try:
        return OmegaConf.to_object(merged)
    except OmegaConfBaseException as error:
        if isinstance(error.__cause__, InputError):
            raise error.__cause__ from error
        raise


def _read_texts(path: Path) -> dict[str, Any]:
    """Read a YAML file with every value as the text that stands there."""
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader) or {}


def _with_texts_as_written(
    schema: type, values: dict[str, Any], texts: dict[str, Any]
) -> dict[str, Any]:
    """Take each text of the schema as it is written, not as what YAML makes of it."""
    hints = get_type_hints(schema)
    taken = dict(values)
    for name, value in values.items():
        hint = hints.get(name)
        if is_dataclass(hint) and isinstance(value, dict):
            taken[name] = _with_texts_as_written(hint, value, texts[name])  # type: ignore[arg-type]
        elif _is_text(hint) and value is not None and not isinstance(value, dict | list):
            taken[name] = texts[name]
    return taken


def _parse_overrides(schema: type, overrides: list[str]) -> DictConfig:
    parsed = OmegaConf.create()
    for override in overrides:
        name, equals, text = override.partition("=")
        if not equals:
            raise InputError(f"override {override}: give key=value, such as optimisation.epochs=5")
        if _is_text(_hint_of(schema, name)):
            OmegaConf.update(parsed, name, text)
        else:
            _merge_override(parsed, override)
    return parsed


def _merge_override(parsed: DictConfig, override: str) -> None:
    try:
        parsed.merge_with_dotlist([override])
    except yaml.YAMLError as error:
        raise InputError(
            f"override {override}: the value is not YAML ({' '.join(str(error).split())}); close "
            "its brackets and quotes"
        ) from error


def _hint_of(schema: Any, name: str) -> Any:
    """Return the type of a setting by its dotted name, or None if there is no such setting."""
    hint = schema
    for part in name.split("."):
        if not is_dataclass(hint):
            return None
        hint = get_type_hints(hint).get(part)
    return hint


def _is_text(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, str)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _schema_name(schema: type) -> str:
    return f"{schema.__name__} in {schema.__module__.replace('.', '/')}.py for what is known"
