"""Training whole-image classifiers: data, network and validation for the shared loop."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from torch.utils.data import DataLoader

from classifier.balance import inverse_frequency_weights
from classifier.model import ImageClassifier
from classifier.validation import classification_figures
from classifier.whole_image.config import (
    Balance,
    WholeImageConfig,
    WholeImageData,
    WholeImageTaskName,
)
from classifier.whole_image.dataset import (
    WholeImageDataset,
    flips,
    labelled_views,
    thin_normal,
)
from classifier.whole_image.mean_size import mean_size_px
from classifier.whole_image.model import (
    build_whole_image_classifier,
    save_whole_image_classifier,
    set_whole_image_mode,
)
from classifier.whole_image.questions import FIRST, SECOND, SINGLE, Question
from formats.coco import CocoDataset, coco_options, read_coco
from formats.coco_films import require_films
from training.config import require_paths
from training.examples.film_cache import open_film_cache
from training.examples.parts import refuse_shared_parts
from training.loop import train, training_loader
from training.progress import Progress
from training.saving.data_source import data_source
from training.saving.run_folder import STATE_FOLDER, check_run_folder
from training.saving.saved_training import holds_training
from training.task import Task

logger = logging.getLogger(__name__)
HIERARCHY = {"first": FIRST, "second": SECOND}
"""Folder of a run to what its network is asked."""


def train_whole_image(
    config: WholeImageConfig, run_dir: Path, device: str, resume: bool
) -> dict[Path, Progress]:
    """Train the single classifier, or the hierarchy's two networks one after the other.

    Returns:
        Each network's best checkpoint and how its training went: `run_dir`/best.safetensors, or
        one below `run_dir`/first and one below `run_dir`/second.

    Raises:
        InputError: the configuration, the data or the weights are not usable.
        NonFiniteLossError: training diverged.
    """
    sized = with_input_size(config)
    if config.task == WholeImageTaskName.whole_image_single:
        progress = train_question(SINGLE, sized, run_dir, device, resume)
        return {run_dir / "best.safetensors": progress}
    if not resume:
        # Before hours go into the first.
        for name in HIERARCHY:
            check_run_folder(sized, run_dir / name, resume)
    trained = {}
    for name, question in HIERARCHY.items():
        folder = run_dir / name
        # An interrupted run may not have come to the second network.
        begun = name == "first" or holds_training(folder / STATE_FOLDER)
        progress = train_question(question, sized, folder, device, resume and begun)
        trained[folder / "best.safetensors"] = progress
    return trained


def with_input_size(config: WholeImageConfig) -> WholeImageConfig:
    """Fill in the mean size of the training films where no size was chosen.

    Raises:
        InputError: a path is not given, or the training file is not usable.
    """
    require_paths(config.data, ("train_coco", "val_coco", "image_root"))
    if config.input.height_px:
        return config
    height_px, width_px = mean_size_px(
        read_labelled_films(Path(config.data.train_coco), config.data)
    )
    logger.info("input: %dx%d pixels (height x width), the mean film", height_px, width_px)
    return replace(config, input=replace(config.input, height_px=height_px, width_px=width_px))


def train_question(
    question: Question, config: WholeImageConfig, run_dir: Path, device: str, resume: bool
) -> Progress:
    """Train one network and leave its checkpoints and logs in `run_dir`.

    Raises:
        InputError: the data or the weights are not usable.
        NonFiniteLossError: training diverged.
    """
    return train(partial(WholeImageTask, question), config, run_dir, device, resume)


class WholeImageTask(Task[ImageClassifier]):
    """A network that learns to answer one question about whole views."""

    monitored = "mean_auc"

    def __init__(self, question: Question, config: WholeImageConfig, device: torch.device) -> None:
        """Read the views and build the network.

        Raises:
            InputError: the data or the weights are not usable.
        """
        self._question = question
        self._config = config
        self._device = device
        train_data, val_data = read_datasets(question, config)
        class_indices = [view.class_index for view in train_data.views]
        self.data_source = describe_data(question, config, class_indices)
        self.train_loader = training_loader(train_data, config.optimisation)
        self.example_files = [view.file_name for view in train_data.views]
        self._val_loader = DataLoader(val_data, config.optimisation.batch_size)
        self._weights = None
        if config.data.balance == Balance.weighted:
            weights = inverse_frequency_weights(class_indices, len(question.class_names))
            self._weights = weights.to(device)
        self.model = build_whole_image_classifier(config.model, len(question.class_names))

    def begin_epoch(self, model: ImageClassifier, epoch: int) -> None:
        """Put what learns in this epoch into training mode."""
        set_whole_image_mode(model, self._config.model, epoch)

    def losses(self, model: nn.Module, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """Return the cross-entropy of one batch, weighted where the classes are."""
        images, class_indices = (part.to(self._device) for part in batch)
        smoothing = self._config.label_smoothing
        loss = F.cross_entropy(
            model(images), class_indices, self._weights, label_smoothing=smoothing
        )
        return {"cross_entropy": loss}

    def validate(self, model: ImageClassifier) -> dict[str, float]:
        """Return how the validation views are classified."""
        return classification_figures(model, self._val_loader, self._device)

    def save(self, model: ImageClassifier, path: Path, metrics: dict[str, float]) -> None:
        """Write the network's checkpoint."""
        save_whole_image_classifier(
            model, self._config, self._question, path, self.data_source, metrics
        )


def read_datasets(
    question: Question, config: WholeImageConfig
) -> tuple[WholeImageDataset, WholeImageDataset]:
    """Read the training views, balanced, and all validation views.

    Raises:
        InputError: a file or image is not usable, or a class has no view.
    """
    paths = Path(config.data.train_coco), Path(config.data.val_coco)
    train_coco, val_coco = (read_labelled_films(path, config.data) for path in paths)
    refuse_shared_parts(train_coco, val_coco, config.data)
    train, val = (
        labelled_views(coco, question, path)
        for coco, path in zip((train_coco, val_coco), paths, strict=True)
    )
    if config.data.balance == Balance.thinned:
        train = thin_normal(
            train, question, config.data.normal_kept_one_in, config.optimisation.seed
        )
    root = Path(config.data.image_root)
    transforms = flips(config.augmentation.horizontal_flip, config.augmentation.vertical_flip)
    film_cache = open_film_cache(config.optimisation.cache_dir, config.optimisation.cache_gib)
    return (
        WholeImageDataset(train, root, config.input, film_cache, transforms),
        WholeImageDataset(val, root, config.input, film_cache),
    )


def read_labelled_films(path: Path, data: WholeImageData) -> CocoDataset:
    """Read a COCO file whose films are there.

    Raises:
        InputError: the file is not usable, or a film is missing.
    """
    image_root = Path(data.image_root)
    options = coco_options(data.category_map, data.bbox_format, data.allow_lost_boxes)
    coco = read_coco(path, options, image_root)
    require_films(coco.images, image_root)
    return coco


def describe_data(
    question: Question, config: WholeImageConfig, class_indices: Sequence[int]
) -> dict[str, str]:
    """Return what a checkpoint says of its training data, the number of views by class included."""
    path = Path(config.data.train_coco)
    counts = Counter(class_indices)
    views = {
        f"train_views_{name}": str(counts[index]) for index, name in enumerate(question.class_names)
    }
    return {**data_source(path), **views}
