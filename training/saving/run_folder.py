"""A training's folder: what may be started or resumed in it."""

import logging
from pathlib import Path
from typing import Any

from formats.errors import InputError
from training.config import config_to_dict, load_config
from training.saving.saved_training import holds_training

logger = logging.getLogger(__name__)
STATE_FOLDER = "state"
CONFIG_FILE = "config.yaml"
CHANGEABLE = {
    *("optimisation", "augmentation", "looks", "decision", "label_smoothing", "class_weights"),
    "data.allow_leak",
}
"""Sections and settings that a resumed training may take anew."""
FIXED = {
    "optimisation.batch_size",
    "optimisation.precision",
    "optimisation.seed",
    "augmentation.chips_per_view",
}
"""Settings of those sections that a training keeps: its steps are counted by them, or its state is
of their kind."""


def check_run_folder(config: Any, run_dir: Path, resume: bool) -> None:
    """Refuse to start where a training is, and to resume where none is, or a different one.

    Nothing is written. Settings that are taken anew are logged.

    Raises:
        InputError: says which, and what to do.
    """
    has_state = holds_training(run_dir / STATE_FOLDER)
    if resume and not has_state:
        raise InputError(f"{run_dir}: nothing to resume; start without --resume")
    if not resume and has_state:
        raise InputError(
            f"{run_dir}: holds an earlier training; add --resume or name another folder"
        )
    if resume:
        before = load_config(type(config), run_dir / CONFIG_FILE, [])
        _check_changes(_changes(config_to_dict(before), config_to_dict(config)), run_dir)


def _check_changes(changes: dict[str, str], run_dir: Path) -> None:
    refused = [told for name, told in changes.items() if not _is_changeable(name)]
    if refused:
        raise InputError(
            f"{run_dir}: --resume cannot change {'; '.join(refused)}; give the same, or name "
            "another folder"
        )
    for told in changes.values():
        logger.info("changed since this training was started: %s", told)


def _is_changeable(name: str) -> bool:
    return bool({name, name.split(".")[0]} & CHANGEABLE) and name not in FIXED


def _changes(before: Any, now: Any, name: str = "") -> dict[str, str]:
    """Return the dotted names of settings that differ, each with both values in words."""
    if not isinstance(now, dict):
        return {} if before == now else {name: f"{name} ({before} before, {now} now)"}
    changes: dict[str, str] = {}
    for key, value in now.items():
        inner = f"{name}.{key}" if name else key
        changes |= _changes(before.get(key), value, inner)
    return changes
