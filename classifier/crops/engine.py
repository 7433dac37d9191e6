"""Training a crop classifier: data, network and validation, handed to the shared loop."""

from functools import partial
from pathlib import Path

import torch
from accelerate.utils import set_seed
from torch import Tensor
from torch.utils.data import DataLoader

from classifier.balance import inverse_frequency_weights
from classifier.crops.config import BACKGROUND, ClassifierConfig
from classifier.crops.dataset import (
    CropDataset,
    background_examples,
    detected_examples,
    lesion_examples,
)
from classifier.crops.distillation import DistilledClassifier, kept_classifier, load_teacher
from classifier.crops.model import save_classifier
from classifier.crops.transforms import training_transforms
from classifier.losses import classification_loss, distillation_losses
from classifier.model import ImageClassifier, build_classifier, set_classifier_mode
from classifier.validation import lesion_figures
from formats.coco import read_coco
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
    classifier = build_classifier(config.model, len(config.data.class_names))
    model: ImageClassifier | DistilledClassifier = classifier
    if config.model.batch_norm == BatchNorm.unfolded:
        unfold_batch_norm(model, training_loader(train, config.optimisation))
    losses = partial(
        classification_loss,
        device=accelerator.device,
        weights=class_weights(train, config).to(accelerator.device),
        label_smoothing=config.label_smoothing,
    )
    if config.distillation.teacher:
        teacher = load_teacher(Path(config.distillation.teacher), config.input)
        model = DistilledClassifier(classifier, teacher, config.input.side_px)
        losses = partial(
            distillation_losses,
            teacher=teacher.to(accelerator.device),
            teacher_weight=config.distillation.weight,
            **losses.keywords,
        )
    # Up to twice as fast on processors.
    model.to(memory_format=torch.channels_last)
    # Each process of several augments differently.
    set_seed(config.optimisation.seed, device_specific=True)
    val_loader = DataLoader(val, config.optimisation.batch_size)
    task = Task(
        model=model,
        train_loader=training_loader(train, config.optimisation),
        losses=lambda network, batch: losses(network, batch=batch),
        validate=lambda network: lesion_figures(
            kept_classifier(network), val_loader, accelerator.device
        ),
        monitored="auc" if BACKGROUND not in config.data.class_names else "mean_auc",
        save=lambda network, path, metrics: save_classifier(
            kept_classifier(network), config, path, data_source, metrics
        ),
        begin_epoch=lambda network, epoch: set_classifier_mode(
            kept_classifier(network), config.model, epoch
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
    names = config.data.class_names
    train_coco, val_coco = (
        read_coco(Path(path)) for path in (config.data.train_coco, config.data.val_coco)
    )
    examples, val_examples = (lesion_examples(coco, names) for coco in (train_coco, val_coco))
    if config.data.train_results:
        examples += detected_examples(train_coco, Path(config.data.train_results), names)
    if BACKGROUND in names:
        require_paths(config.data, ("train_results", "val_results"))
        examples += background_examples(train_coco, Path(config.data.train_results), names)
        val_examples += background_examples(val_coco, Path(config.data.val_results), names)
    transforms = training_transforms(config.augmentation, config.input.side_px)
    return (
        CropDataset(examples, root, config.input, transforms),
        CropDataset(val_examples, root, config.input),
    )


def class_weights(dataset: CropDataset, config: ClassifierConfig) -> Tensor:
    """Return (class_count,) weights of mean 1: inverse to each class's frequency, or equal."""
    class_count = len(config.data.class_names)
    if not config.class_weights:
        return torch.ones(class_count)
    class_indices = [example.class_index for example in dataset.examples]
    return inverse_frequency_weights(class_indices, class_count)
