from pathlib import Path

import numpy as np
import pytest
import torch

from detector.box_fusion import fuse
from detector.config import DetectorConfig, DetectorData, DetectorInput
from detector.merged import load_predictor, merge_detectors
from detector.model import build_detector, load_detector, save_detector
from detector.predictor import DetectorPredictor
from formats.errors import InputError
from training.saving.checkpoint import save_checkpoint

CPU = torch.device("cpu")
FILM = np.random.default_rng(0).integers(0, 4000, (150, 100)).astype(np.uint16)


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three untrained detectors, each with another input."""
    folder = tmp_path_factory.mktemp("members")
    paths = [folder / f"{side_px}.safetensors" for side_px in (64, 96, 128)]
    for seed, path in enumerate(paths):
        torch.manual_seed(seed)
        config = DetectorConfig(input=DetectorInput(side_px=int(path.stem)))
        save_detector(build_detector(config), config, path, {path.stem: "hash"}, {})
    return paths


def test_every_member_counts_the_same(members: list[Path], tmp_path: Path) -> None:
    save_checkpoint(merge_detectors(members), tmp_path / "merged")
    found = load_predictor(tmp_path / "merged", CPU).predict(FILM)

    first, second, third = (
        DetectorPredictor.from_checkpoint(path, CPU).predict(FILM) for path in members
    )
    expected = fuse(fuse(first, second, 0.5), third, 0.5, second_share=1 / 3)
    assert len(found.scores) > 0
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-6)
    np.testing.assert_allclose(found.boxes_xyxy, expected.boxes_xyxy, atol=1e-4)


def test_one_detector_is_loaded_as_it_is(members: list[Path]) -> None:
    alone = DetectorPredictor.from_checkpoint(members[0], CPU).predict(FILM)

    assert (load_predictor(members[0], CPU).predict(FILM).scores == alone.scores).all()


def test_the_data_of_all_members_is_named(members: list[Path]) -> None:
    assert set(merge_detectors(members).data) == {"64", "96", "128"}


def test_a_merged_detector_is_neither_trained_nor_merged_again(
    members: list[Path], tmp_path: Path
) -> None:
    save_checkpoint(merge_detectors(members[:2]), tmp_path / "merged")

    with pytest.raises(InputError, match="merged: this is a merged detector; give a detector"):
        load_detector(tmp_path / "merged")
    with pytest.raises(InputError, match="merged: this is a merged detector; give a detector"):
        merge_detectors([tmp_path / "merged", members[2]])


def test_detectors_of_other_classes_are_not_merged(members: list[Path], tmp_path: Path) -> None:
    config = DetectorConfig(
        data=DetectorData(class_names=["Benign", "Cancer"]), input=DetectorInput(side_px=64)
    )
    save_detector(build_detector(config), config, tmp_path / "naming", {}, {})

    with pytest.raises(InputError, match=r"naming: finds \['Benign', 'Cancer'\], .*same classes"):
        merge_detectors([members[0], tmp_path / "naming"])


def test_one_detector_is_too_few(members: list[Path]) -> None:
    with pytest.raises(InputError, match=r"64\.safetensors: give two detectors or more"):
        merge_detectors(members[:1])
