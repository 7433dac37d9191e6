from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from detector.members import KIND
from formats.errors import InputError
from pipeline.methods import METHODS, MethodFiles, load_method
from training.saving.checkpoint import load_checkpoint, save_checkpoint

CPU = torch.device("cpu")
FILMS = [
    np.random.default_rng(0).integers(0, 4000, (300, 200)).astype(np.uint16),
    np.random.default_rng(1).integers(0, 255, (200, 260)).astype(np.uint8),
]


def with_operating_point(path: Path, folder: Path) -> Path:
    finished = replace(load_checkpoint(path, KIND), operating_points={"balanced": 0.2})
    save_checkpoint(finished, folder / path.name)
    return folder / path.name


@pytest.fixture
def files(
    random_checkpoints: tuple[Path, Path],
    class_naming_checkpoint: Path,
    whole_image_checkpoints: dict[str, Path],
    tmp_path: Path,
) -> dict[str, MethodFiles]:
    whole_image = whole_image_checkpoints
    detector, classifier = random_checkpoints
    naming = with_operating_point(class_naming_checkpoint, tmp_path / "naming")
    finished = with_operating_point(detector, tmp_path / "two_stage")
    return {
        "single": MethodFiles(detector=None, classifiers=[whole_image["single"]]),
        "hierarchical": MethodFiles(
            detector=None,
            classifiers=[whole_image["first"], whole_image["second"]],
        ),
        "detector": MethodFiles(detector=naming, classifiers=[]),
        "two_stage": MethodFiles(detector=finished, classifiers=[classifier]),
    }


@pytest.mark.parametrize("name", METHODS)
def test_every_method_gives_the_same_kind_of_result(
    name: str, files: dict[str, MethodFiles]
) -> None:
    method = load_method(name, files[name], CPU)
    results = method.predict(FILMS, ["a.png", "b.png"])

    assert method.name == name
    assert len({model.sha256 for model in method.models}) == len(method.models)
    assert [(r.file_name, r.width, r.height) for r in results] == [
        ("a.png", 200, 300),
        ("b.png", 260, 200),
    ]
    for result in results:
        assert list(result.scores) == ["Normal", "Benign", "Cancer"]
        assert sum(result.scores.values()) == pytest.approx(1)
        assert bool(result.detections) == (name in ("detector", "two_stage"))
        if result.detections:
            surest = max(detection.score for detection in result.detections)
            assert result.scores["Normal"] == pytest.approx(1 - surest)
        if name == "single":
            assert result.label == max(result.scores, key=lambda label: result.scores[label])


@pytest.mark.parametrize(
    ("name", "borrowed", "message"),
    [
        ("single", "hierarchical", "--classifier CHECKPOINT, and no"),
        ("hierarchical", "single", "--classifier CHECKPOINT CHECKPOINT, and no"),
        ("hierarchical", "two_stage", "and no --detector"),
        ("detector", "single", "--detector CHECKPOINT, and no --classifier"),
        ("two_stage", "hierarchical", "one --classifier"),
    ],
)
def test_checkpoints_that_do_not_fit_the_method_are_named(
    name: str, borrowed: str, message: str, files: dict[str, MethodFiles]
) -> None:
    with pytest.raises(InputError, match=message):
        load_method(name, files[borrowed], CPU)


@pytest.mark.parametrize("name", ["single", "hierarchical"])
@pytest.mark.parametrize("option", ["operating_point", "box_convention"])
def test_what_is_said_of_boxes_is_refused_where_there_are_none(
    name: str, option: str, files: dict[str, MethodFiles]
) -> None:
    asked = replace(files[name], **{option: "sensitive"})
    with pytest.raises(InputError, match=f"leave --{option.replace('_', '-')} out"):
        load_method(name, asked, CPU)


def test_hierarchy_in_the_wrong_order_is_refused(files: dict[str, MethodFiles]) -> None:
    swapped = replace(files["hierarchical"], classifiers=files["hierarchical"].classifiers[::-1])

    with pytest.raises(InputError, match="give one for"):
        load_method("hierarchical", swapped, CPU)


def test_detector_without_operating_points_says_what_to_do(class_naming_checkpoint: Path) -> None:
    files = MethodFiles(detector=class_naming_checkpoint, classifiers=[])

    with pytest.raises(InputError, match="`mammo calibrate`"):
        load_method("detector", files, CPU)
