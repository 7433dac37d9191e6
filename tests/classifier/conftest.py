from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from classifier.whole_image.config import Balance, Head, WholeImageConfig, WholeImageInput
from formats.coco import CocoDataset, CocoImage, write_coco
from formats.labels import LABELS
from training.config import Schedule


@dataclass(frozen=True, kw_only=True)
class StripeData:
    """Plain films (Normal), films with rows (Benign) and films with columns (Cancer)."""

    root: Path
    coco_path: Path
    coco: CocoDataset

    def film(self, label: str) -> np.ndarray:
        name = next(i["file_name"] for i in self.coco.images if i["label"] == label)
        return cv2.imread(str(self.root / name), cv2.IMREAD_GRAYSCALE)


@pytest.fixture(scope="session")
def stripe_data(tmp_path_factory: pytest.TempPathFactory) -> StripeData:
    root = tmp_path_factory.mktemp("stripes")
    random = np.random.default_rng(0)
    images: list[CocoImage] = []
    for index in range(18):
        label = LABELS[index % 3]
        film = random.normal(60, 6, (96, 80)).clip(0, 255).astype(np.uint8)
        if label == "Benign":
            film[::16] = film[1::16] = film[2::16] = film[3::16] = 220
        if label == "Cancer":
            film[:, ::16] = film[:, 1::16] = film[:, 2::16] = film[:, 3::16] = 220
        cv2.imwrite(str(root / f"{index}.png"), film)
        images.append(
            {
                "id": index + 1,
                "file_name": f"{index}.png",
                "width": 80,
                "height": 96,
                "case_id": f"A_{index:04d}",
                "label": label,
            }
        )
    coco = CocoDataset(images=images, annotations=[], description="stripes")
    write_coco(coco, root / "stripes.json")
    return StripeData(root=root, coco_path=root / "stripes.json", coco=coco)


@pytest.fixture
def stripe_config(stripe_data: StripeData) -> WholeImageConfig:
    """One quick epoch from scratch at 64 pixels, on all views."""
    config = WholeImageConfig(input=WholeImageInput(height_px=64, width_px=64))
    config.data.train_coco = config.data.val_coco = str(stripe_data.coco_path)
    config.data.allow_leak = True
    config.data.image_root = str(stripe_data.root)
    config.data.balance = Balance.none
    config.model.frozen_epochs = 0
    config.model.unfrozen_blocks = 9
    config.model.head = Head.plain
    config.optimisation.epochs = 1
    config.optimisation.batch_size = 6
    config.optimisation.learning_rate = 3e-3
    config.optimisation.schedule = Schedule.cosine
    config.optimisation.ema_decay = 0.5
    return config
