from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from backbone_families import FAMILIES, unmoved_by_steps
from blobs import BlobData

from detector.config import DetectorConfig, DetectorInput, DetectorModel, Engine
from detector.model import load_detector
from detector.predictor import DetectorPredictor
from detector.training_task import DetectorTask, train_detector
from formats.coco import write_coco
from formats.errors import InputError
from formats.film_reading.reader import read_grey
from formats.geometry.boxes import iou_xyxy, xywh_to_xyxy
from training.networks.backbones import BatchNorm

LEARNING_RATES = {Engine.torchvision: 2e-3, Engine.detectron2: 1e-3}


def blob_config(blob_data: BlobData, model: DetectorModel, epochs: int) -> DetectorConfig:
    config = DetectorConfig(input=DetectorInput(side_px=128), model=model)
    config.data.train_coco = config.data.val_coco = str(blob_data.coco_path)
    config.data.allow_leak = True
    config.data.image_root = str(blob_data.root)
    config.optimisation.epochs = epochs
    config.optimisation.batch_size = 3
    config.optimisation.learning_rate = LEARNING_RATES[model.engine]
    # The first epochs find nothing, and what chance alone gives there must not end the training.
    config.optimisation.patience_epochs = epochs
    return config


@pytest.fixture(scope="module")
def trained(
    blob_data: BlobData, engine_model: DetectorModel, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    run_dir = tmp_path_factory.mktemp("runs") / "detector"
    train_detector(blob_config(blob_data, engine_model, epochs=30), run_dir, "cpu", resume=False)
    return run_dir / "best.safetensors"


def test_trained_detector_finds_blobs_in_film_pixels(trained: Path, blob_data: BlobData) -> None:
    predictor = DetectorPredictor.from_checkpoint(trained, torch.device("cpu"))
    overlaps = []
    for annotation in blob_data.coco.annotations:
        film = read_grey(blob_data.root / f"film_{annotation['image_id']}.png")
        best_box = predictor.predict(film).boxes_xyxy[:1]
        overlaps.append(iou_xyxy(best_box, xywh_to_xyxy(np.array([annotation["bbox"]])))[0, 0])

    assert np.median(overlaps) > 0.4


def test_predictions_fall_in_score_and_stay_on_the_film(trained: Path, blob_data: BlobData) -> None:
    predictor = DetectorPredictor.from_checkpoint(trained, torch.device("cpu"))
    found = predictor.predict(read_grey(blob_data.root / "film_1.png"))

    assert (np.diff(found.scores) <= 0).all()
    assert (found.boxes_xyxy >= 0).all()
    assert (found.boxes_xyxy <= [128, 160, 128, 160]).all()
    assert set(found.class_indices) <= {0}
    assert len(found.above(0.5).scores) == (found.scores >= 0.5).sum()


@pytest.mark.parametrize("backbone", FAMILIES)
def test_training_steps_of_each_family_move_every_weight(
    backbone: str, blob_data: BlobData
) -> None:
    torch.manual_seed(0)
    config = blob_config(blob_data, DetectorModel(backbone=backbone), epochs=1)

    assert not unmoved_by_steps(DetectorTask(config, torch.device("cpu")))


def test_missing_path_is_named(blob_data: BlobData, tmp_path: Path) -> None:
    config = blob_config(blob_data, DetectorModel(), epochs=1)
    config.data.val_coco = ""

    with pytest.raises(InputError, match=r"data\.val_coco is not set"):
        train_detector(config, tmp_path, "cpu", resume=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("part", ["train_coco", "val_coco"])
@pytest.mark.parametrize("iscrowd", [None, 1], ids=["no annotation", "crowds alone"])
def test_a_file_without_any_lesion_is_refused_at_once(
    blob_data: BlobData, tmp_path: Path, part: str, iscrowd: int | None
) -> None:
    crowds = [{**a, "iscrowd": iscrowd} for a in blob_data.coco.annotations if iscrowd]
    empty = replace(blob_data.coco, annotations=crowds)
    write_coco(empty, tmp_path / "empty.json")
    config = blob_config(blob_data, DetectorModel(), epochs=1)
    setattr(config.data, part, str(tmp_path / "empty.json"))
    # No film is read before.
    config.data.image_root = str(tmp_path / "gone")

    with pytest.raises(InputError, match=r"empty\.json: no lesion is marked on its 9 images"):
        train_detector(config, tmp_path / "run", "cpu", resume=False)
    assert not (tmp_path / "run").exists()


def test_workers_bring_every_film_with_its_boxes(blob_data: BlobData) -> None:
    config = blob_config(blob_data, DetectorModel(), epochs=1)
    config.optimisation.loader_workers = 2
    loader = DetectorTask(config, torch.device("cpu")).train_loader
    targets = [target for _, batch in loader for target in batch]

    assert sorted(int(target["image_id"]) for target in targets) == list(range(1, 10))
    assert sum(len(target["boxes"]) for target in targets) >= 6


def test_a_second_training_in_the_folder_is_refused_and_leaves_its_settings(
    trained: Path, blob_data: BlobData
) -> None:
    settings = trained.with_name("config.yaml")
    before = settings.read_text()
    config = blob_config(blob_data, DetectorModel(), epochs=1)

    with pytest.raises(InputError, match="holds an earlier training"):
        train_detector(config, trained.parent, "cpu", resume=False)
    config.model.head_width = 64
    with pytest.raises(InputError, match=r"cannot change .*model\.head_width \(256 before, 64 now"):
        train_detector(config, trained.parent, "cpu", resume=True)
    assert settings.read_text() == before


@pytest.mark.parametrize("batch_norm", [BatchNorm.learned, BatchNorm.unfolded])
def test_only_unfolding_starts_from_the_statistics_of_the_films(
    blob_data: BlobData, tmp_path: Path, batch_norm: BatchNorm
) -> None:
    config = blob_config(blob_data, DetectorModel(), epochs=1)
    config.model.batch_norm = batch_norm
    # Steps too small to move a weight.
    config.optimisation.learning_rate = 1e-12
    train_detector(config, tmp_path, "cpu", resume=False)
    state = load_detector(tmp_path / "last.safetensors")[2].state

    # The untrained network's variances are far below 1, which is what they are set to at first.
    was_shown_the_data = bool(state["backbone.body.stage4.3.branch2.6.running_var"].max() < 0.5)
    assert was_shown_the_data == (batch_norm == BatchNorm.unfolded)
