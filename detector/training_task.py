"""Training a detector: data, network and validation for the shared loop."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import ConcatDataset, DataLoader

from detector.config import DetectorConfig, DetectorData
from detector.dataset import DetectionDataset, Target, collate
from detector.model import build_detector, save_detector
from detector.transforms import detection_transforms
from detector.validation import detection_figures
from formats.coco import CocoDataset, coco_options, read_coco, require_pathology
from formats.coco_films import require_films
from formats.errors import InputError
from training.config import require_paths
from training.examples.film_cache import open_film_cache
from training.examples.parts import refuse_shared_parts
from training.loop import train, training_loader
from training.networks.backbones import BatchNorm, set_training_mode
from training.networks.unfolding import unfold_batch_norm
from training.progress import Progress
from training.saving.data_source import data_source
from training.task import Task

VALIDATION_BATCH_SIZE = 8
DetectionBatch = tuple[list[Tensor], list[Target]]


def train_detector(config: DetectorConfig, run_dir: Path, device: str, resume: bool) -> Progress:
    """Train a detector and leave its checkpoints and logs in `run_dir`.

    Raises:
        InputError: the configuration, the data or the weights are not usable.
        NonFiniteLossError: training diverged.
    """
    return train(DetectorTask, config, run_dir, device, resume)


class DetectorTask(Task[nn.Module]):
    """A detector that learns from the images of one COCO file and is chosen by those of another."""

    monitored = "ap50"

    def __init__(self, config: DetectorConfig, device: torch.device) -> None:
        """Read the images and build the network.

        Raises:
            InputError: the configuration, the data or the weights are not usable.
        """
        self._config = config
        self._device = device
        train_data, val_data = read_detection_data(config)
        chips: ConcatDataset[tuple[Tensor, Target]] = ConcatDataset(
            [train_data] * config.augmentation.chips_per_view
        )
        self.data_source = data_source(Path(config.data.train_coco))
        self.train_loader = training_loader(chips, config.optimisation, collate)
        self.example_files = train_data.file_names * config.augmentation.chips_per_view
        self._val_loader = DataLoader(val_data, VALIDATION_BATCH_SIZE, collate_fn=collate)
        self.model = build_detector(config)
        if config.model.batch_norm == BatchNorm.unfolded:
            unfold_batch_norm(self.model, training_loader(chips, config.optimisation, collate))
        # Up to twice as fast on processors.
        self.model.to(memory_format=torch.channels_last)

    def begin_epoch(self, model: nn.Module, epoch: int) -> None:
        """Put everything into training mode that is not fixed or frozen."""
        set_training_mode(model, self._config.model.batch_norm)

    def losses(self, model: nn.Module, batch: DetectionBatch) -> dict[str, Tensor]:
        """Return the losses of the proposals and of the boxes for one batch."""
        images, targets = batch
        on_device = [{name: value.to(self._device) for name, value in t.items()} for t in targets]
        losses: dict[str, Tensor] = model([image.to(self._device) for image in images], on_device)
        return losses

    def validate(self, model: nn.Module) -> dict[str, float]:
        """Return COCO's average precisions on the validation images."""
        return detection_figures(model, self._val_loader, self._device)

    def save(self, model: nn.Module, path: Path, metrics: dict[str, float]) -> None:
        """Write the detector's checkpoint."""
        save_detector(model, self._config, path, self.data_source, metrics)


def read_detection_data(config: DetectorConfig) -> tuple[DetectionDataset, DetectionDataset]:
    """Read the training and validation images that the configuration names.

    Raises:
        InputError: a path is not given, a file or image is not usable, or one of the two parts
            has no lesion.
    """
    require_paths(config.data, ("train_coco", "val_coco", "image_root"))
    root = Path(config.data.image_root)
    names = config.data.class_names
    transforms = detection_transforms(config.augmentation)
    train_coco, val_coco = (
        _read_with_lesions(Path(path), config.data)
        for path in (config.data.train_coco, config.data.val_coco)
    )
    refuse_shared_parts(train_coco, val_coco, config.data)
    for coco in (train_coco, val_coco):
        require_films(coco.images, root)
    film_cache = open_film_cache(config.optimisation.cache_dir, config.optimisation.cache_gib)
    return (
        DetectionDataset(train_coco, root, config.input, names, film_cache, transforms),
        DetectionDataset(val_coco, root, config.input, names, film_cache),
    )


def _read_with_lesions(path: Path, data: DetectorData) -> CocoDataset:
    image_root = Path(data.image_root)
    options = coco_options(data.category_map, data.bbox_format, data.allow_lost_boxes)
    coco = read_coco(path, options, image_root)
    if all(annotation["iscrowd"] for annotation in coco.annotations):
        raise InputError(
            f"{path}: no lesion is marked on its {len(coco.images)} images, so there is nothing to "
            "learn or to choose an epoch by; give a file with annotations"
        )
    if len(data.class_names) > 1:
        require_pathology(coco, path)
    return coco
