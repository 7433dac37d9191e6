"""What the whole-image classifiers are, and how they are trained."""

from dataclasses import dataclass, field
from enum import StrEnum

from classifier.config import ClassifierModel
from formats.errors import InputError
from training.backbones import BatchNorm
from training.config import OptimisationConfig, Schedule

MIN_SIDE_PX = 64


class WholeImageTaskName(StrEnum):
    """Which of the two concepts is trained."""

    whole_image_single = "whole_image_single"
    """One network with the classes Normal, Benign and Cancer."""
    whole_image_hierarchical = "whole_image_hierarchical"
    """Two networks: Normal or Tumour, and for tumours Benign or Cancer."""


class Balance(StrEnum):
    """What is done about the many normal views, in training only."""

    none = "none"
    thinned = "thinned"
    """One normal view in `normal_kept_one_in` is kept."""
    weighted = "weighted"
    """Each class weighs by the inverse of its frequency."""


class Head(StrEnum):
    """What stands between the pooled features and the logits."""

    plain = "plain"
    """Dropout and one dense layer."""
    narrow = "narrow"
    """Batch normalisation, a dense layer of ten, dropout, and the dense layer of the logits."""


@dataclass
class WholeImageData:
    """COCO files and the folder of their images."""

    train_coco: str = ""
    val_coco: str = ""
    image_root: str = ""
    allow_leak: bool = False
    """Go on where patients or films stand in both parts; `--allow-leak` sets it."""
    balance: Balance = Balance.thinned
    normal_kept_one_in: int = 4

    def __post_init__(self) -> None:
        """Refuse a share that cannot be kept."""
        if self.normal_kept_one_in < 1:
            raise InputError(
                f"data.normal_kept_one_in is {self.normal_kept_one_in}; give 1 (all) or more"
            )


@dataclass
class WholeImageInput:
    """Size of the network's input: films keep their aspect, the rest is black.

    Both sides 0 mean the mean size of the training films.
    """

    height_px: int = 0
    width_px: int = 0

    def __post_init__(self) -> None:
        """Refuse half a size, and sides that are too small for the strides."""
        sides_px = (self.height_px, self.width_px)
        if sides_px != (0, 0) and min(sides_px) < MIN_SIDE_PX:
            raise InputError(
                f"input is {self.height_px}x{self.width_px} pixels (height x width); give at least "
                f"{MIN_SIDE_PX} each, or 0 for both for the training films' mean size"
            )


@dataclass
class WholeImageModel(ClassifierModel):
    """The network: a crop classifier's settings, with a choice of heads."""

    frozen_epochs: int = 5
    head: Head = Head.narrow
    unfrozen_blocks: int = 3
    """How many of the last blocks learn after the frozen epochs; as many as there are, for all."""

    def __post_init__(self) -> None:
        """Refuse what whole-image classifiers do not do."""
        if self.batch_norm == BatchNorm.unfolded:
            raise InputError(
                "model.batch_norm is 'unfolded', which whole-image classifiers do not do; "
                "give learned or fixed"
            )
        if self.unfrozen_blocks < 0:
            raise InputError(f"model.unfrozen_blocks is {self.unfrozen_blocks}; give 0 or more")


@dataclass
class WholeImageAugmentation:
    """Random changes of the training images."""

    horizontal_flip: float = 0.5
    vertical_flip: float = 0.5


@dataclass
class WholeImageConfig:
    """All of a whole-image classifier's training."""

    task: WholeImageTaskName = WholeImageTaskName.whole_image_single
    data: WholeImageData = field(default_factory=WholeImageData)
    input: WholeImageInput = field(default_factory=WholeImageInput)
    model: WholeImageModel = field(default_factory=WholeImageModel)
    augmentation: WholeImageAugmentation = field(default_factory=WholeImageAugmentation)
    optimisation: OptimisationConfig = field(
        default_factory=lambda: OptimisationConfig(schedule=Schedule.plateau)
    )
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        """Refuse batches that cannot be normalised."""
        if self.model.head == Head.narrow and self.optimisation.batch_size < 2:
            raise InputError(
                "optimisation.batch_size is 1, but the narrow head normalises over the batch; "
                "give 2 or more, or model.head=plain"
            )
