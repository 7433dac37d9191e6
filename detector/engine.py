"""Training a detector: data, network and validation, handed to the shared loop."""

from pathlib import Path

import torch
from accelerate.utils import set_seed
from torch import Tensor, nn
from torch.utils.data import ConcatDataset, DataLoader

from detector.config import DetectorConfig
from detector.dataset import DetectionDataset, Target, collate
from detector.model import build_detector, save_detector
from detector.transforms import training_transforms
from detector.validation import average_precision
from formats.coco import read_coco
from training.backbones import BatchNorm, set_training_mode
from training.checkpoint import hash_file
from training.config import require_paths, write_config
from training.loop import Progress, Task, fit, make_accelerator, training_loader
from training.unfolding import unfold_batch_norm

VALIDATION_BATCH_SIZE = 8


def train_detector(config: DetectorConfig, run_dir: Path, device: str, resume: bool) -> Progress:
    """Train a detector and leave its checkpoints and logs in `run_dir`.

    Raises:
        InputError: the configuration, the data or the weights are not usable.
        NonFiniteLossError: training diverged.
    """
    accelerator = make_accelerator(config.optimisation, device)
    set_seed(config.optimisation.seed)
    train, val = read_detection_data(config)
    chips: ConcatDataset[tuple[Tensor, Target]] = ConcatDataset(
        [train] * config.augmentation.chips_per_view
    )
    data_source = {
        "train_coco": Path(config.data.train_coco).name,
        "train_coco_sha256": hash_file(Path(config.data.train_coco)),
    }
    model = build_detector(config)
    if config.model.batch_norm == BatchNorm.unfolded:
        unfold_batch_norm(model, training_loader(chips, config.optimisation, collate))
    # Up to twice as fast on processors.
    model.to(memory_format=torch.channels_last)
    # Each process of several augments differently.
    set_seed(config.optimisation.seed, device_specific=True)
    val_loader = DataLoader(val, VALIDATION_BATCH_SIZE, collate_fn=collate)
    task = Task(
        model=model,
        train_loader=training_loader(chips, config.optimisation, collate),
        losses=lambda network, batch: detection_losses(network, batch, accelerator.device),
        validate=lambda network: average_precision(network, val_loader, accelerator.device),
        monitored="ap50",
        save=lambda network, path, metrics: save_detector(
            network, config, path, data_source, metrics
        ),
        begin_epoch=lambda network, _: set_training_mode(network, config.model.batch_norm),
    )
    run_dir.mkdir(parents=True, exist_ok=True)
    write_config(config, run_dir / "config.yaml")
    return fit(task, config.optimisation, run_dir, accelerator, resume)


def read_detection_data(config: DetectorConfig) -> tuple[DetectionDataset, DetectionDataset]:
    """Read the training and validation images that the configuration names.

    Raises:
        InputError: a path is not given, or a file or image is not usable.
    """
    require_paths(config.data, ("train_coco", "val_coco", "image_root"))
    root = Path(config.data.image_root)
    names = config.data.class_names
    transforms = training_transforms(config.augmentation)
    train_coco = read_coco(Path(config.data.train_coco))
    val_coco = read_coco(Path(config.data.val_coco))
    return (
        DetectionDataset(train_coco, root, config.input, names, transforms),
        DetectionDataset(val_coco, root, config.input, names),
    )


def detection_losses(
    model: nn.Module, batch: tuple[list[Tensor], list[Target]], device: torch.device
) -> dict[str, Tensor]:
    """Return the losses of the proposals and of the boxes for one batch."""
    images, targets = batch
    on_device = [{name: value.to(device) for name, value in t.items()} for t in targets]
    losses: dict[str, Tensor] = model([image.to(device) for image in images], on_device)
    return losses
