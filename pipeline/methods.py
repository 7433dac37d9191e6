"""The four methods by name: from checkpoints to what predicts a whole data set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from classifier.whole_image.hierarchical import classify_hierarchical
from classifier.whole_image.predictor import WholeImagePredictor
from classifier.whole_image.questions import FIRST, SECOND, SINGLE
from classifier.whole_image.single import classify_single
from formats.errors import InputError
from formats.labels import LABELS
from formats.results import LOWEST_LISTED_SCORE, ImageResult, ModelFile
from pipeline.cases.view_fusion import ALL_BOXES
from pipeline.class_naming import ClassNamingDetector
from pipeline.many_films.data_set import Method
from pipeline.method_names import DEFAULT_OPERATING_POINT, MethodName
from pipeline.two_stage import (
    DEFAULT_CLASSIFIER,
    DEFAULT_DETECTOR,
    TwoStage,
)
from training.networks.runtime import Runtime
from training.saving.checkpoint import hash_file

MOST_FILMS_AT_ONCE = 16
Classify = Callable[[Sequence[np.ndarray]], tuple[np.ndarray, list[str]]]
"""(H, W) films to their (N, 3) probabilities of Normal, Benign and Cancer, and to their labels."""


@dataclass(frozen=True, kw_only=True)
class MethodFiles:
    """The checkpoints that a user gave, and what decides which boxes are found and drawn how."""

    detector: Path | None
    classifiers: list[Path]
    operating_point: str | None = None
    """`DEFAULT_OPERATING_POINT` unless one is given."""
    box_convention: str | None = None
    """Of the detector's; None leaves boxes as they are found."""
    runtime: Runtime = Runtime.torch


def load_method(name: str, files: MethodFiles, device: torch.device) -> Method:
    """Load one of `METHODS`.

    Raises:
        InputError: a checkpoint is missing, superfluous, or not what the method needs.
    """
    method = METHODS[MethodName(name)](files, device)
    # Cores look at a film each: more films would only cost memory.
    core_count = min(torch.get_num_threads(), MOST_FILMS_AT_ONCE)
    films_at_once = MOST_FILMS_AT_ONCE if device.type == "cuda" else core_count
    return replace(method, films_at_once=films_at_once)


def _single(files: MethodFiles, device: torch.device) -> Method:
    paths = _whole_image_paths(MethodName.single, files, count=1)
    network = WholeImagePredictor.from_checkpoint(paths[0], SINGLE, device)
    return _whole_image_method(MethodName.single, paths, partial(classify_single, network))


def _hierarchical(files: MethodFiles, device: torch.device) -> Method:
    paths = _whole_image_paths(MethodName.hierarchical, files, count=2)
    first = WholeImagePredictor.from_checkpoint(paths[0], FIRST, device)
    second = WholeImagePredictor.from_checkpoint(paths[1], SECOND, device)
    classify = partial(classify_hierarchical, first, second)
    return _whole_image_method(MethodName.hierarchical, paths, classify)


def _detector(files: MethodFiles, device: torch.device) -> Method:
    if files.detector is None or files.classifiers:
        raise InputError("--method detector: give its --detector CHECKPOINT, and no --classifier")
    model = ClassNamingDetector(files.detector, device, files.box_convention, files.runtime)
    operating_point = files.operating_point or DEFAULT_OPERATING_POINT
    score = model.operating_score(operating_point)
    predict = partial(model.predict_batch, operating_score=score)
    return Method(
        name=MethodName.detector,
        models=model.models,
        predict=predict,
        operating_point=operating_point,
        box_convention=model.box_convention_name,
        lowest_score=LOWEST_LISTED_SCORE,
        runtime=files.runtime,
    )


def _two_stage(files: MethodFiles, device: torch.device) -> Method:
    if len(files.classifiers) > 1:
        raise InputError("--method two_stage: give one --classifier CHECKPOINT")
    classifier = files.classifiers[0] if files.classifiers else DEFAULT_CLASSIFIER
    detector = files.detector or DEFAULT_DETECTOR
    model = TwoStage(detector, classifier, device, files.box_convention, files.runtime)
    operating_point = files.operating_point or DEFAULT_OPERATING_POINT
    score = model.operating_score(operating_point)
    predict = partial(model.predict_batch, operating_score=score, lowest_score=LOWEST_LISTED_SCORE)
    return Method(
        name=MethodName.two_stage,
        models=model.models,
        predict=predict,
        operating_point=operating_point,
        box_convention=model.box_convention_name,
        lowest_score=LOWEST_LISTED_SCORE,
        fusion=model.view_fusion(ALL_BOXES),
        runtime=files.runtime,
    )


METHODS: dict[MethodName, Callable[[MethodFiles, torch.device], Method]] = {
    MethodName.single: _single,
    MethodName.hierarchical: _hierarchical,
    MethodName.detector: _detector,
    MethodName.two_stage: _two_stage,
}


def _whole_image_paths(name: str, files: MethodFiles, count: int) -> list[Path]:
    if files.detector is not None or len(files.classifiers) != count:
        needed = " ".join(["CHECKPOINT"] * count)
        raise InputError(f"--method {name}: give --classifier {needed}, and no --detector")
    for_boxes = {
        "--operating-point": files.operating_point,
        "--box-convention": files.box_convention,
    }
    for option, value in for_boxes.items():
        if value is not None:
            raise InputError(f"--method {name}: lists no boxes; leave {option} out")
    if files.runtime != Runtime.torch:
        raise InputError(f"--method {name}: has no ONNX graph; leave --engine out")
    return files.classifiers


def _whole_image_method(name: str, paths: Sequence[Path], classify: Classify) -> Method:
    models = [ModelFile(path.name, hash_file(path)) for path in paths]
    return Method(name=name, models=models, predict=partial(_whole_image_results, classify))


def _whole_image_results(
    classify: Classify, films: Sequence[np.ndarray], file_names: Sequence[str]
) -> list[ImageResult]:
    probabilities, labels = classify(films)
    return [
        ImageResult(
            file_name=file_name,
            width=film.shape[1],
            height=film.shape[0],
            label=label,
            scores=dict(zip(LABELS, row.tolist(), strict=True)),
        )
        for film, file_name, row, label in zip(
            films, file_names, probabilities, labels, strict=True
        )
    ]
