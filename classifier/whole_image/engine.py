"""Training whole-image classifiers: data, network and validation, handed to the shared loop."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from accelerate.utils import set_seed
from torch.utils.data import DataLoader

from classifier.balance import inverse_frequency_weights
from classifier.losses import classification_loss
from classifier.validation import classification_figures
from classifier.whole_image.config import (
    Balance,
    WholeImageConfig,
    WholeImageInput,
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
from formats.coco import read_coco
from training.checkpoint import hash_file
from training.config import require_paths, write_config
from training.loop import (
    STATE_FOLDER,
    Progress,
    Task,
    fit,
    make_accelerator,
    training_loader,
)

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
    trained = {}
    for name, question in HIERARCHY.items():
        folder = run_dir / name
        # An interrupted run may not have come to the second network.
        begun = name == "first" or (folder / STATE_FOLDER).is_dir()
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
    height_px, width_px = mean_size_px(read_coco(Path(config.data.train_coco)))
    logger.info("input: %dx%d pixels (height x width), the mean film", height_px, width_px)
    return replace(config, input=WholeImageInput(height_px, width_px))


def train_question(
    question: Question, config: WholeImageConfig, run_dir: Path, device: str, resume: bool
) -> Progress:
    """Train one network and leave its checkpoints and logs in `run_dir`.

    Raises:
        InputError: the data or the weights are not usable.
        NonFiniteLossError: training diverged.
    """
    accelerator = make_accelerator(config.optimisation, device)
    set_seed(config.optimisation.seed)
    train, val = read_views(question, config)
    class_indices = [view.class_index for view in train.views]
    data_source = describe_data(question, config, class_indices)
    model = build_whole_image_classifier(config.model, len(question.class_names))
    # Each process of several augments differently.
    set_seed(config.optimisation.seed, device_specific=True)
    weights = None
    if config.data.balance == Balance.weighted:
        weights = inverse_frequency_weights(class_indices, len(question.class_names))
        weights = weights.to(accelerator.device)
    val_loader = DataLoader(val, config.optimisation.batch_size)
    task = Task(
        model=model,
        train_loader=training_loader(train, config.optimisation),
        losses=lambda network, batch: classification_loss(
            network, batch, accelerator.device, weights, config.label_smoothing
        ),
        validate=lambda network: classification_figures(network, val_loader, accelerator.device),
        monitored="mean_auc",
        save=lambda network, path, metrics: save_whole_image_classifier(
            network, config, question, path, data_source, metrics
        ),
        begin_epoch=lambda network, epoch: set_whole_image_mode(network, config.model, epoch),
    )
    run_dir.mkdir(parents=True, exist_ok=True)
    write_config(config, run_dir / "config.yaml")
    return fit(task, config.optimisation, run_dir, accelerator, resume)


def read_views(
    question: Question, config: WholeImageConfig
) -> tuple[WholeImageDataset, WholeImageDataset]:
    """Read the training views, balanced, and all validation views.

    Raises:
        InputError: a file or image is not usable, or a class has no view.
    """
    paths = Path(config.data.train_coco), Path(config.data.val_coco)
    train, val = (labelled_views(read_coco(path), question, path) for path in paths)
    if config.data.balance == Balance.thinned:
        train = thin_normal(
            train, question, config.data.normal_kept_one_in, config.optimisation.seed
        )
    root = Path(config.data.image_root)
    size_px = config.input.height_px, config.input.width_px
    transforms = flips(config.augmentation.horizontal_flip, config.augmentation.vertical_flip)
    return (
        WholeImageDataset(train, root, size_px, transforms),
        WholeImageDataset(val, root, size_px),
    )


def describe_data(
    question: Question, config: WholeImageConfig, class_indices: Sequence[int]
) -> dict[str, str]:
    """Return what a checkpoint says of its training data, the number of views by class included."""
    path = Path(config.data.train_coco)
    counts = Counter(class_indices)
    views = {
        f"train_views_{name}": str(counts[index]) for index, name in enumerate(question.class_names)
    }
    return {"train_coco": path.name, "train_coco_sha256": hash_file(path), **views}
