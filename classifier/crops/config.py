"""What a crop classifier is, and how it is trained."""

from dataclasses import dataclass, field
from enum import StrEnum

from classifier.config import ClassifierModel
from formats.errors import InputError
from training.config import OptimisationConfig

LESION_CLASS_NAMES = ["Benign", "Cancer"]
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


@dataclass
class ClassifierData:
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
    class_names: list[str] = field(default_factory=lambda: list(LESION_CLASS_NAMES))
    """`[Benign, Cancer]`, or `[Background, Benign, Cancer]` for a classifier that also learns to
    tell lesions from the boxes that a detector finds beside them."""

    def __post_init__(self) -> None:
        """Refuse other sets of classes."""
        if self.class_names not in (LESION_CLASS_NAMES, [BACKGROUND, *LESION_CLASS_NAMES]):
            raise InputError(
                f"data.class_names is {self.class_names}; give [Benign, Cancer] or "
                "[Background, Benign, Cancer]"
            )


@dataclass
class ClassifierInput:
    """From a box on a film to the network's input."""

    side_px: int = 160
    margin: float = 1.6
    """Side of the crop over the longer side of the box."""
    crop_shape: CropShape = CropShape.film

    def __post_init__(self) -> None:
        """Refuse crops that cut into the lesion or that are too small for the strides."""
        if self.margin < 1:
            raise InputError(f"input.margin is {self.margin}; give 1 or more")
        if self.side_px < 64:
            raise InputError(f"input.side_px is {self.side_px}; give 64 or more")


@dataclass(kw_only=True)
class CropLooks:
    """How a trained classifier looks at a box."""

    zooms: list[float] = field(default_factory=lambda: [1.0, 1.25])
    """At its margin and closer, as far as training zooms in by default; the answer is the mean."""
    mirrored: bool = True
    """At each crop's mirror image too."""

    def __post_init__(self) -> None:
        """Refuse to look nowhere."""
        if not self.zooms or min(self.zooms) <= 0:
            raise InputError(f"looks.zooms is {self.zooms}; give one or more positive numbers")


@dataclass
class Distillation:
    """Learning from a trained classifier's features beside the labels."""

    teacher: str = ""
    """A classifier's checkpoint of this project with the same input; empty for none."""
    weight: float = 1.0
    """Of the distance from the teacher's features, beside a weight of 1 for the labels."""


@dataclass
class ClassifierAugmentation:
    """Random changes of the training crops."""

    rotation_degrees: float = 180.0
    scale: list[float] = field(default_factory=lambda: [0.8, 1.25])
    shift: float = 0.1
    """Largest translation in parts of the crop's side."""
    gamma: list[float] = field(default_factory=lambda: [0.7, 1.4])


@dataclass
class ClassifierConfig:
    """All of a crop classifier's training."""

    task: CropTaskName = CropTaskName.crops
    data: ClassifierData = field(default_factory=ClassifierData)
    input: ClassifierInput = field(default_factory=ClassifierInput)
    model: ClassifierModel = field(default_factory=ClassifierModel)
    looks: CropLooks = field(default_factory=CropLooks)
    distillation: Distillation = field(default_factory=Distillation)
    augmentation: ClassifierAugmentation = field(default_factory=ClassifierAugmentation)
    optimisation: OptimisationConfig = field(
        default_factory=lambda: OptimisationConfig(batch_size=32)
    )
    label_smoothing: float = 0.05
    class_weights: bool = True
    """Weigh each class by the inverse of its frequency."""
