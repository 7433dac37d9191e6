"""Training a crop classifier: data, network and validation, handed to the shared loop."""

from pathlib import Path

import torch
from accelerate.utils import set_seed
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from torch.utils.data import DataLoader

from classifier.balance import inverse_frequency_weights
from classifier.config import CLASS_NAMES, ClassifierConfig
from classifier.dataset import CropDataset, detected_examples, lesion_examples
from classifier.model import build_classifier, save_classifier, set_training_mode
from classifier.transforms import training_transforms
from classifier.validation import classification_figures
from converters.coco import read_coco
from training.backbones import BatchNorm
from training.checkpoint import hash_file
from training.config import require_paths, write_config
from training.loop import Progress, Task, fit, make_accelerator, training_loader
from training.unfolding import unfold_batch_norm


def train_classifier(
    config: ClassifierConfig, run_dir: Path, device: str, resume: bool
) -> Progress:
    """Train a crop classifier and leave its checkpoints and logs in `run_dir`.

    Raises:
        InputError: the configuration, the data or the weights are not usable.
        NonFiniteLossError: training diverged.
    """
    accelerator = make_accelerator(config.optimisation, device)
    set_seed(config.optimisation.seed)
    train, val = read_crops(config)
    data_source = {
        "train_coco": Path(config.data.train_coco).name,
        "train_coco_sha256": hash_file(Path(config.data.train_coco)),
    }
    model = build_classifier(config.model, len(CLASS_NAMES))
    if config.model.batch_norm == BatchNorm.unfolded:
        unfold_batch_norm(model, training_loader(train, config.optimisation))
    # Each process of several augments differently.
    set_seed(config.optimisation.seed, device_specific=True)
    weights = class_weights(train).to(accelerator.device) if config.class_weights else None
    val_loader = DataLoader(val, config.optimisation.batch_size)
    task = Task(
        model=model,
        train_loader=training_loader(train, config.optimisation),
        losses=lambda network, batch: classification_loss(
            network, batch, accelerator.device, weights, config.label_smoothing
        ),
        validate=lambda network: classification_figures(network, val_loader, accelerator.device),
        monitored="auc",
        save=lambda network, path, metrics: save_classifier(
            network, config, path, data_source, metrics
        ),
        begin_epoch=lambda network, epoch: set_training_mode(
            network, config.model, frozen=epoch < config.model.frozen_epochs
        ),
    )
    run_dir.mkdir(parents=True, exist_ok=True)
    write_config(config, run_dir / "config.yaml")
    return fit(task, config.optimisation, run_dir, accelerator, resume)


def read_crops(config: ClassifierConfig) -> tuple[CropDataset, CropDataset]:
    """Read the training and validation crops that the configuration names.

    Raises:
        InputError: a path is not given, or a file or image is not usable.
    """
    require_paths(config.data, ("train_coco", "val_coco", "image_root"))
    root = Path(config.data.image_root)
    train_coco = read_coco(Path(config.data.train_coco))
    examples = lesion_examples(train_coco)
    if config.data.train_results:
        examples += detected_examples(train_coco, Path(config.data.train_results))
    transforms = training_transforms(config.augmentation, config.input.side_px)
    val_examples = lesion_examples(read_coco(Path(config.data.val_coco)))
    return (
        CropDataset(examples, root, config.input, transforms),
        CropDataset(val_examples, root, config.input),
    )


def class_weights(dataset: CropDataset) -> Tensor:
    """Return (class_count,) weights, the inverse of each class's frequency, with mean 1."""
    class_indices = [example.class_index for example in dataset.examples]
    return inverse_frequency_weights(class_indices, len(CLASS_NAMES))


def classification_loss(
    model: nn.Module,
    batch: tuple[Tensor, Tensor],
    device: torch.device,
    weights: Tensor | None,
    label_smoothing: float,
) -> dict[str, Tensor]:
    """Return the cross-entropy of one batch."""
    crops, class_indices = batch
    logits = model(crops.to(device))
    loss = F.cross_entropy(
        logits, class_indices.to(device), weights, label_smoothing=label_smoothing
    )
    return {"cross_entropy": loss}
