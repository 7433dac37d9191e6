"""What a crop classifier is, and how it is trained."""

from dataclasses import dataclass, field
from enum import StrEnum

from classifier.config import ClassifierModel
from formats.coco_reading.options import BboxFormat
from formats.errors import InputError
from formats.labels import LESION_LABELS
from training.config import OptimisationConfig
from training.setting_checks import (
    BELOW_ONE,
    PART,
    POSITIVE,
    POSITIVE_RANGE,
    at_least,
    between,
    check_settings,
    each,
)

MIN_SIDE_PX = 64

BACKGROUND = "Background"


class CropTaskName(StrEnum):
    """Says in a configuration file which classifier it is for; absent, it is this one."""

    crops = "crops"


class CropShape(StrEnum):
    """What a crop is square in."""

    film = "film"
    """Film pixels: lesions keep their shape."""
    stretched = "stretched"
    """The film stretched to a square: for films that were stored so, and true ones beside them."""


@dataclass(kw_only=True)
class CropData:
    """COCO files, the folder of their images, and more boxes to learn from."""

    train_coco: str = ""
    val_coco: str = ""
    image_root: str = ""
    train_results: str = ""
    """A results file with a detector's own boxes on the training images; empty for none."""
    val_results: str = ""
    """The same on the validation images; needed where Background is a class."""
    allow_leak: bool = False
    """Go on where patients or films stand in both parts; `--allow-leak` sets it."""
    class_names: list[str] = field(default_factory=lambda: list(LESION_LABELS))
    """`[Benign, Cancer]`, or `[Background, Benign, Cancer]` for a classifier that also learns to
    tell lesions from the boxes that a detector finds beside them."""
    category_map: str = ""
    """A YAML file that says what the COCO files' categories mean, where their names do not; empty
    for none."""
    bbox_format: BboxFormat = BboxFormat.xywh
    allow_lost_boxes: bool = False
    """Train on a file too that loses many of its boxes, as they cannot be."""

    def __post_init__(self) -> None:
        """Refuse other sets of classes."""
        if self.class_names not in ([*LESION_LABELS], [BACKGROUND, *LESION_LABELS]):
            raise InputError(
                f"data.class_names is {self.class_names}; give [Benign, Cancer] or "
                "[Background, Benign, Cancer]"
            )


@dataclass(kw_only=True)
class CropInput:
    """From a box on a film to the network's input."""

    side_px: int = 160
    margin: float = 1.6
    """Side of the crop over the longer side of the box."""
    crop_shape: CropShape = CropShape.film

    def __post_init__(self) -> None:
        """Refuse crops that cut into the lesion or that are too small for the strides."""
        check_settings("input", self, margin=at_least(1), side_px=at_least(MIN_SIDE_PX))


@dataclass(kw_only=True)
class CropLooks:
    """How a trained classifier looks at a box."""

    zooms: list[float] = field(default_factory=lambda: [0.8, 1.0, 1.25])
    """Farther, at its margin, and closer, as far as training zooms by default; the answer is the
    mean."""
    mirrored: bool = True
    """At each crop's mirror image too."""

    def __post_init__(self) -> None:
        """Refuse to look nowhere."""
        check_settings("looks", self, zooms=each(POSITIVE))


@dataclass
class Distillation:
    """Learning from a trained classifier's features beside the labels."""

    teacher: str = ""
    """A classifier's checkpoint of this project with the same input; empty for none."""
    weight: float = 1.0
    """Of the distance from the teacher's features, beside a weight of 1 for the labels."""

    def __post_init__(self) -> None:
        """Refuse to run away from the teacher."""
        check_settings("distillation", self, weight=at_least(0))


@dataclass(kw_only=True)
class CropAugmentation:
    """Random changes of the training crops."""

    rotation_degrees: float = 180.0
    scale: list[float] = field(default_factory=lambda: [0.8, 1.25])
    shift: float = 0.1
    """Largest translation in parts of the crop's side."""
    gamma: list[float] = field(default_factory=lambda: [0.7, 1.4])

    def __post_init__(self) -> None:
        """Refuse what is no range."""
        check_settings(
            "augmentation",
            self,
            rotation_degrees=between(0, 180),
            scale=POSITIVE_RANGE,
            shift=PART,
            gamma=POSITIVE_RANGE,
        )


@dataclass(kw_only=True)
class CropClassifierConfig:
    """All of a crop classifier's training."""

    task: CropTaskName = CropTaskName.crops
    data: CropData = field(default_factory=CropData)
    input: CropInput = field(default_factory=CropInput)
    model: ClassifierModel = field(default_factory=ClassifierModel)
    looks: CropLooks = field(default_factory=CropLooks)
    distillation: Distillation = field(default_factory=Distillation)
    augmentation: CropAugmentation = field(default_factory=CropAugmentation)
    optimisation: OptimisationConfig = field(
        default_factory=lambda: OptimisationConfig(batch_size=32)
    )
    label_smoothing: float = 0.05
    class_weights: bool = True
    """Weigh each class by the inverse of its frequency."""

    def __post_init__(self) -> None:
        """Refuse labels that say nothing."""
        check_settings("", self, label_smoothing=BELOW_ONE)
