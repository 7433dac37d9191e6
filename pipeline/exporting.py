"""Both stages as ONNX files that say themselves how they are used."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from classifier.crops.exporting import export_classifier
from classifier.model import KIND as CLASSIFIER_KIND
from detector.exporting import export_detector
from detector.members import DETECTOR_KINDS
from formats.errors import InputError
from formats.notice import NOTICE
from formats.whole_file import write_whole
from pipeline.two_stage import DEFAULT_CLASSIFIER, DEFAULT_DETECTOR, TwoStage
from training.networks.device import choose_device
from training.networks.onnx_graph import ExportedNetwork, describe_graph
from training.networks.runtime import Runtime
from training.saving.checkpoint import Checkpoint, describe_checkpoint, hash_file, load_checkpoint

Exported = TypeVar("Exported")
ENDING = ".onnx"


def export_pair(
    detector_path: Path | None, classifier_path: Path | None, output_dir: Path
) -> list[Path]:
    """Write `classifier.onnx`, and `detector.onnx` or, of a merged one, `detector_1.onnx` and on.

    Args:
        detector_path: checkpoint; the embedded one if none is given.
        classifier_path: checkpoint; the embedded one if none is given.
        output_dir: a folder, made if it is not there.

    Returns:
        The files, detectors first.

    Raises:
        InputError: a checkpoint cannot be used or exported, they are not a pair, the folder holds
            networks of another export, or onnx is not installed.
    """
    detector_path = detector_path or DEFAULT_DETECTOR
    classifier_path = classifier_path or DEFAULT_CLASSIFIER
    _require_pair(detector_path, classifier_path)
    detector = load_checkpoint(detector_path, *DETECTOR_KINDS)
    classifier = load_checkpoint(classifier_path, CLASSIFIER_KIND)
    networks = _exported(export_detector, detector, detector_path)
    names = _detector_names(len(networks))
    files = {
        name: _described(network, detector, detector_path)
        for name, network in zip(names, networks, strict=True)
    }
    network = _exported(export_classifier, classifier, classifier_path)
    files["classifier"] = _described(network, classifier, classifier_path)
    paths = {name: output_dir / f"{name}{ENDING}" for name in files}
    _require_no_others(output_dir, set(paths.values()))
    for name, content in files.items():
        write_whole(content, paths[name])
    return list(paths.values())


def _require_no_others(output_dir: Path, written: set[Path]) -> None:
    """Refuse a folder with networks that would seem to belong to the written ones."""
    others = sorted(set(output_dir.glob(f"*{ENDING}")) - written)
    if others:
        raise InputError(f"{others[0]}: is of another export; name a new folder, or delete it")


def _require_pair(detector_path: Path, classifier_path: Path) -> None:
    device = choose_device("cpu", Runtime.onnx)
    # What is asked for only where both have been calibrated, and then with each other.
    _ = TwoStage(detector_path, classifier_path, device).operating_points


def _detector_names(count: int) -> list[str]:
    if count == 1:
        return ["detector"]
    return [f"detector_{number}" for number in range(1, count + 1)]


def _exported(
    export: Callable[[Checkpoint], Exported], checkpoint: Checkpoint, path: Path
) -> Exported:
    try:
        return export(checkpoint)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _described(network: ExportedNetwork, checkpoint: Checkpoint, path: Path) -> bytes:
    """Return an ONNX file's content that holds all that its behaviour depends on."""
    metadata = {
        **network.usage,
        "description": describe_checkpoint(checkpoint),
        "checkpoint": {"file_name": path.name, "sha256": hash_file(path)},
    }
    texts = {name: json.dumps(value) for name, value in metadata.items()}
    return describe_graph(network.graph, {**texts, "notice": NOTICE})
