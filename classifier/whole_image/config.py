"""What the whole-image classifiers are, and how they are trained."""

from dataclasses import dataclass, field
from enum import StrEnum

from classifier.config import ClassifierModel
from formats.coco_reading.options import BboxFormat
from formats.errors import InputError
from formats.geometry.letterbox import Geometry
from training.config import OptimisationConfig, Schedule
from training.networks.backbones import BatchNorm
from training.setting_checks import BELOW_ONE, PART, at_least, check_settings

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


@dataclass(kw_only=True)
class WholeImageData:
    """COCO files and the folder of their images."""

    train_coco: str = ""
    val_coco: str = ""
    image_root: str = ""
    allow_leak: bool = False
    """Go on where patients or films stand in both parts; `--allow-leak` sets it."""
    balance: Balance = Balance.thinned
    normal_kept_one_in: int = 4
    """With balance thinned; 1 keeps all."""
    category_map: str = ""
    """A YAML file that says what the COCO files' categories mean, where their names do not; empty
    for none."""
    bbox_format: BboxFormat = BboxFormat.xywh
    allow_lost_boxes: bool = False
    """Train on a file too that loses many of its boxes, as they cannot be."""

    def __post_init__(self) -> None:
        """Refuse a share that cannot be kept."""
        check_settings("data", self, normal_kept_one_in=at_least(1))


@dataclass(kw_only=True)
class WholeImageInput:
    """From a film to the network's input.

    Both sides 0 mean the mean size of the training films.
    """

    height_px: int = 0
    width_px: int = 0
    geometry: Geometry = Geometry.letterbox

    def __post_init__(self) -> None:
        """Refuse half a size, and sides that are too small for the strides."""
        sides_px = (self.height_px, self.width_px)
        if sides_px != (0, 0) and min(sides_px) < MIN_SIDE_PX:
            raise InputError(
                f"input is {self.height_px}x{self.width_px} pixels (height x width); give at least "
                f"{MIN_SIDE_PX} each, or 0 for both for the training films' mean size"
            )


@dataclass(kw_only=True)
class WholeImageModel(ClassifierModel):
    """The network: a crop classifier's settings, with a choice of heads."""

    frozen_epochs: int = 5
    head: Head = Head.narrow
    unfrozen_blocks: int = 3
    """How many of the last blocks learn after the frozen epochs; as many as there are, for all."""

    def __post_init__(self) -> None:
        """Refuse what whole-image classifiers do not do."""
        super().__post_init__()
        check_settings("model", self, unfrozen_blocks=at_least(0))
        if self.batch_norm == BatchNorm.unfolded:
            raise InputError(
                "model.batch_norm is 'unfolded', which whole-image classifiers do not do; "
                "give learned or fixed"
            )


@dataclass
class WholeImageAugmentation:
    """Random changes of the training images."""

    horizontal_flip: float = 0.5
    vertical_flip: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what is no probability."""
        check_settings("augmentation", self, horizontal_flip=PART, vertical_flip=PART)


@dataclass
class WholeImageDecision:
    """What is made of a trained network's probabilities."""

    tumour_probability: float = 0.5
    """From here on the hierarchy's first network says Tumour."""

    def __post_init__(self) -> None:
        """Refuse what is no probability."""
        check_settings("decision", self, tumour_probability=PART)


@dataclass(kw_only=True)
class WholeImageConfig:
    """All of a whole-image classifier's training."""

    task: WholeImageTaskName = WholeImageTaskName.whole_image_single
    data: WholeImageData = field(default_factory=WholeImageData)
    input: WholeImageInput = field(default_factory=WholeImageInput)
    model: WholeImageModel = field(default_factory=WholeImageModel)
    decision: WholeImageDecision = field(default_factory=WholeImageDecision)
    augmentation: WholeImageAugmentation = field(default_factory=WholeImageAugmentation)
    optimisation: OptimisationConfig = field(
        default_factory=lambda: OptimisationConfig(schedule=Schedule.plateau)
    )
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        """Refuse batches that cannot be normalised, and labels that say nothing."""
        check_settings("", self, label_smoothing=BELOW_ONE)
        if self.model.head == Head.narrow and self.optimisation.batch_size < 2:
            raise InputError(
                "optimisation.batch_size is 1, but the narrow head normalises over the batch; "
                "give 2 or more, or model.head=plain"
            )
