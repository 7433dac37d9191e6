"""Training a crop classifier: data, network and validation for the shared loop."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from torch.utils.data import DataLoader

from classifier.balance import inverse_frequency_weights
from classifier.crops.config import BACKGROUND, CropClassifierConfig, CropData
from classifier.crops.dataset import (
    CropDataset,
    background_examples,
    detected_examples,
    lesion_examples,
)
from classifier.crops.distillation import DistilledClassifier, feature_distance, load_teacher
from classifier.crops.model import save_crop_classifier
from classifier.crops.transforms import crop_transforms
from classifier.model import ImageClassifier, build_classifier, set_classifier_mode
from classifier.validation import lesion_figures
from formats.coco import CocoDataset, coco_options, read_coco, require_pathology
from formats.coco_films import require_films
from training.config import require_paths
from training.examples.film_cache import open_film_cache
from training.examples.parts import refuse_shared_parts
from training.loop import train, training_loader
from training.networks.backbones import BatchNorm
from training.networks.unfolding import unfold_batch_norm
from training.progress import Progress
from training.saving.data_source import data_source
from training.task import Task

CropBatch = tuple[Tensor, Tensor]


def train_crop_classifier(
    config: CropClassifierConfig, run_dir: Path, device: str, resume: bool
) -> Progress:
    """Train a crop classifier and leave its checkpoints and logs in `run_dir`.

    Raises:
        InputError: the configuration, the data or the weights are not usable.
        NonFiniteLossError: training diverged.
    """
    return train(_make_task, config, run_dir, device, resume)


def _make_task(config: CropClassifierConfig, device: torch.device) -> Task[Any]:
    task = CropTask(config, device)
    return DistilledCropTask(task, config, device) if config.distillation.teacher else task


class CropTask(Task[ImageClassifier]):
    """A classifier that learns from the lesions of one COCO file and is chosen by another's."""

    def __init__(self, config: CropClassifierConfig, device: torch.device) -> None:
        """Cut the crops and build the network.

        Raises:
            InputError: the configuration, the data or the weights are not usable.
        """
        self._config = config
        self._device = device
        train_data, val_data = read_crops(config)
        self.data_source = data_source(Path(config.data.train_coco))
        self.monitored = "mean_auc" if BACKGROUND in config.data.class_names else "auc"
        self.train_loader = training_loader(train_data, config.optimisation)
        self.example_files = [example.file_name for example in train_data.examples]
        self._val_loader = DataLoader(val_data, config.optimisation.batch_size)
        self._weights = class_weights(train_data, config).to(device)
        self.model = build_classifier(config.model, len(config.data.class_names))
        if config.model.batch_norm == BatchNorm.unfolded:
            unfold_batch_norm(self.model, training_loader(train_data, config.optimisation))
        # Up to twice as fast on processors.
        self.model.to(memory_format=torch.channels_last)

    def begin_epoch(self, model: ImageClassifier, epoch: int) -> None:
        """Put what learns in this epoch into training mode."""
        set_classifier_mode(model, self._config.model, epoch)

    def losses(self, model: nn.Module, batch: CropBatch) -> dict[str, Tensor]:
        """Return the weighted cross-entropy of one batch."""
        crops, class_indices = (part.to(self._device) for part in batch)
        return {"cross_entropy": self.cross_entropy(model(crops), class_indices)}

    def cross_entropy(self, logits: Tensor, class_indices: Tensor) -> Tensor:
        """Return the weighted cross-entropy of (B, C) logits, given their (B,) true classes."""
        smoothing = self._config.label_smoothing
        return F.cross_entropy(logits, class_indices, self._weights, label_smoothing=smoothing)

    def validate(self, model: ImageClassifier) -> dict[str, float]:
        """Return how the validation crops are named."""
        return lesion_figures(model, self._val_loader, self._device)

    def save(self, model: ImageClassifier, path: Path, metrics: dict[str, float]) -> None:
        """Write the classifier's checkpoint."""
        save_crop_classifier(model, self._config, path, self.data_source, metrics)


class DistilledCropTask(Task[DistilledClassifier]):
    """A crop classifier that learns from a teacher's features beside the labels."""

    def __init__(self, task: CropTask, config: CropClassifierConfig, device: torch.device) -> None:
        """Give a task's network its teacher.

        Raises:
            InputError: the teacher is no classifier's checkpoint, or sees other crops.
        """
        self._task = task
        self._device = device
        self._teacher_weight = config.distillation.weight
        self.monitored = task.monitored
        self.data_source = task.data_source
        self.train_loader = task.train_loader
        self.example_files = task.example_files
        teacher = load_teacher(Path(config.distillation.teacher), config.input)
        self.model = DistilledClassifier(task.model, teacher, config.input.side_px)
        self.model.to(memory_format=torch.channels_last)
        self._teacher = teacher.to(device)

    def begin_epoch(self, model: DistilledClassifier, epoch: int) -> None:
        """Put what learns of the student in this epoch into training mode."""
        self._task.begin_epoch(model.student, epoch)

    def losses(self, model: nn.Module, batch: CropBatch) -> dict[str, Tensor]:
        """Return the cross-entropy of one batch, and the distance from the teacher's features."""
        crops, class_indices = (part.to(self._device) for part in batch)
        logits, projected = model(crops)
        distance = feature_distance(projected, self._teacher, crops)
        return {
            "cross_entropy": self._task.cross_entropy(logits, class_indices),
            "feature_distance": self._teacher_weight * distance,
        }

    def validate(self, model: DistilledClassifier) -> dict[str, float]:
        """Return how the student names the validation crops."""
        return self._task.validate(model.student)

    def save(self, model: DistilledClassifier, path: Path, metrics: dict[str, float]) -> None:
        """Write the student's checkpoint."""
        self._task.save(model.student, path, metrics)


def read_crops(config: CropClassifierConfig) -> tuple[CropDataset, CropDataset]:
    """Read the training and validation crops that the configuration names.

    Raises:
        InputError: a path is not given, or a file or image is not usable.
    """
    require_paths(config.data, ("train_coco", "val_coco", "image_root"))
    root = Path(config.data.image_root)
    names = config.data.class_names
    train_coco, val_coco = (
        read_named_lesions(Path(path), config.data)
        for path in (config.data.train_coco, config.data.val_coco)
    )
    refuse_shared_parts(train_coco, val_coco, config.data)
    examples, val_examples = (lesion_examples(coco, names) for coco in (train_coco, val_coco))
    if config.data.train_results:
        examples += detected_examples(train_coco, Path(config.data.train_results), names)
    if BACKGROUND in names:
        require_paths(config.data, ("train_results", "val_results"))
        examples += background_examples(train_coco, Path(config.data.train_results), names)
        val_examples += background_examples(val_coco, Path(config.data.val_results), names)
    transforms = crop_transforms(config.augmentation, config.input.side_px)
    film_cache = open_film_cache(config.optimisation.cache_dir, config.optimisation.cache_gib)
    return (
        CropDataset(examples, root, config.input, film_cache, transforms),
        CropDataset(val_examples, root, config.input, film_cache),
    )


def read_named_lesions(path: Path, data: CropData) -> CocoDataset:
    """Read a COCO file whose lesions are all Benign or Cancer, and whose films are there.

    Raises:
        InputError: the file is not usable, or not so.
    """
    image_root = Path(data.image_root)
    options = coco_options(data.category_map, data.bbox_format, data.allow_lost_boxes)
    coco = read_coco(path, options, image_root)
    require_pathology(coco, path)
    require_films(coco.images, image_root)
    return coco


def class_weights(dataset: CropDataset, config: CropClassifierConfig) -> Tensor:
    """Return (class_count,) weights of mean 1: inverse to each class's frequency, or equal."""
    class_count = len(config.data.class_names)
    if not config.class_weights:
        return torch.ones(class_count)
    class_indices = [example.class_index for example in dataset.examples]
    return inverse_frequency_weights(class_indices, class_count)
