"""What a detector is, and how it is trained."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from formats.coco_reading.options import BboxFormat
from formats.errors import InputError
from formats.geometry.letterbox import Geometry
from training.config import OptimisationConfig
from training.networks.backbones import Activation, BatchNorm
from training.setting_checks import (
    OVERLAP,
    PART,
    POSITIVE,
    POSITIVE_RANGE,
    Rule,
    at_least,
    between,
    channels,
    check_settings,
    each,
    multiple_of,
)

# From here down an anchor is background, as torchvision has it.
BACKGROUND_ANCHOR_IOU = 0.3


class Engine(StrEnum):
    """Whose Faster R-CNN it is; what goes in and comes out is the same."""

    torchvision = "torchvision"
    detectron2 = "detectron2"
    """Installed by the user; its network is that of `model.detectron2.base`."""


@dataclass(kw_only=True)
class DetectorData:
    """COCO files and the folder that their file names are relative to."""

    train_coco: str = ""
    val_coco: str = ""
    image_root: str = ""
    allow_leak: bool = False
    """Go on where patients or films stand in both parts; `--allow-leak` sets it."""
    class_names: list[str] = field(default_factory=lambda: ["Tumour"])
    """`[Tumour]` for any lesion, or `[Benign, Cancer]` for a detector that names the class."""
    category_map: str = ""
    """A YAML file that says what the COCO files' categories mean, where their names do not; empty
    for none."""
    bbox_format: BboxFormat = BboxFormat.xywh
    allow_lost_boxes: bool = False
    """Train on a file too that loses many of its boxes, as they cannot be."""

    def __post_init__(self) -> None:
        """Refuse other sets of classes."""
        if self.class_names not in (["Tumour"], ["Benign", "Cancer"]):
            raise InputError(
                f"data.class_names is {self.class_names}; give [Tumour] or [Benign, Cancer]"
            )


@dataclass(kw_only=True)
class DetectorInput:
    """From a film to the network's input."""

    side_px: int = 448
    geometry: Geometry = Geometry.stretch
    mean: list[float] = field(default_factory=lambda: [0.485, 0.456, 0.406])
    """By channel, of grey levels scaled to 0..1."""
    std: list[float] = field(default_factory=lambda: [0.229, 0.224, 0.225])

    def __post_init__(self) -> None:
        """Refuse sides that the feature pyramid cannot halve, and other than three channels."""
        check_settings(
            "input", self, side_px=multiple_of(32), mean=channels(PART), std=channels(POSITIVE)
        )


@dataclass
class Detectron2Network:
    """The network that engine detectron2 adapts; other engines leave it aside."""

    base: str = "COCO-Detection/faster_rcnn_R_50_FPN_3x.yaml"
    """A Faster R-CNN by its model-zoo name, or the path of a YAML file."""
    resolved: dict[str, Any] = field(default_factory=dict)
    """All of detectron2's settings, in place of `base`: how a checkpoint stands alone."""


@dataclass(kw_only=True)
class Proposals:
    """Which boxes the first stage hands to the second, for engine torchvision."""

    candidates_in_training: int = 500
    """The best of each pyramid level, before those that overlap a better one are left out."""
    kept_in_training: int = 250
    candidates: int = 300
    """As `candidates_in_training`, of a film that is searched."""
    kept: int = 150
    nms_iou: float = 0.7
    """A box that overlaps a better one more than this is left out."""

    def __post_init__(self) -> None:
        """Refuse to hand on nothing."""
        check_settings(
            "model.proposals",
            self,
            candidates_in_training=at_least(1),
            kept_in_training=at_least(1),
            candidates=at_least(1),
            kept=at_least(1),
            nms_iou=PART,
        )


@dataclass(kw_only=True)
class Sampling:
    """What of each image counts in training, for engine torchvision."""

    anchors_per_image: int = 64
    """A lesion fits few anchors: among the usual 256 with IoU 0.7 they would hardly count."""
    positive_anchor_iou: float = 0.5
    boxes_per_image: int = 64
    """Fewer than the usual 512: a film has one lesion or two, and pooling is the costliest step."""
    positive_box_share: float = 0.5

    def __post_init__(self) -> None:
        """Refuse to learn from nothing."""
        check_settings(
            "model.sampling",
            self,
            anchors_per_image=at_least(1),
            positive_anchor_iou=between(BACKGROUND_ANCHOR_IOU, 1),
            boxes_per_image=at_least(1),
            positive_box_share=PART,
        )


@dataclass(kw_only=True)
class Suppression:
    """Which of the second stage's boxes come out."""

    lowest_score: float = 0.001
    nms_iou: float = 0.4
    """Lower than usual: lesions seldom overlap, and a mammogram has few of them."""

    def __post_init__(self) -> None:
        """Refuse what is no score and no overlap."""
        check_settings("model.suppression", self, lowest_score=PART, nms_iou=PART)


EACH_LEVEL_POSITIVE = Rule(
    lambda levels: len(levels) > 0 and all(each(POSITIVE).holds(level) for level in levels),
    "a list a pyramid level, each of one or more positive numbers",
)


@dataclass(kw_only=True)
class DetectorModel:
    """The network. Anchors are given in parts of the input's side, one list a pyramid level."""

    engine: Engine = Engine.torchvision
    backbone: str = "shufflenet_v2_x1_0"
    """For engine torchvision, as in `timm.list_models()`, or `shufflenet_v2_x1_0`; detectron2's is
    part of its base."""
    weights: str = "none"
    """`none`, or by engine:

    torchvision: `imagenet` (installed with the extra `pretrained`, or downloaded), or the path of
    a backbone's safetensors file.
    detectron2: `base` (what its base names, downloaded), or the path or address of a detector's or
    backbone's .pkl, .pth or safetensors file.
    """
    initial_checkpoint: str = ""
    """A detector of this project to start from, in place of `weights`; the sizes of its anchors and
    input, and its classes, may differ. Of merged ones, such as the embedded, the first. Empty for
    none."""
    activation: Activation = Activation.own
    """For engine torchvision."""
    batch_norm: BatchNorm = BatchNorm.learned
    frozen_blocks: int = 0
    """How many of the body's first blocks, its stem included, stay as the weights have them: for
    engine torchvision. A pre-trained body's first blocks take half of the time."""
    pyramid_channels: int = 96
    head_width: int = 256
    anchor_sides: list[list[float]] = field(
        default_factory=lambda: [[0.04, 0.055], [0.075, 0.1], [0.135, 0.18], [0.25, 0.4]]
    )
    anchor_height_to_width: list[float] = field(default_factory=lambda: [0.4, 0.6, 0.9])
    proposals: Proposals = field(default_factory=Proposals)
    sampling: Sampling = field(default_factory=Sampling)
    roi_side_cells: int = 7
    """Into how many cells a side a box's features are pooled, for engine torchvision."""
    suppression: Suppression = field(default_factory=Suppression)
    detections_per_image: int = 100
    detectron2: Detectron2Network = field(default_factory=Detectron2Network)

    def __post_init__(self) -> None:
        """Refuse layers and anchors without any size."""
        check_settings(
            "model",
            self,
            frozen_blocks=at_least(0),
            pyramid_channels=at_least(1),
            head_width=at_least(1),
            anchor_sides=EACH_LEVEL_POSITIVE,
            anchor_height_to_width=each(POSITIVE),
            roi_side_cells=at_least(1),
            detections_per_image=at_least(1),
        )


@dataclass(kw_only=True)
class DetectorLooks:
    """How a trained detector looks at a film."""

    mirrored: bool = True
    """A second time at its mirror image, whose boxes are merged with the first."""
    same_box_iou: float = 0.5
    """Boxes of both looks that overlap so much are one."""
    same_lesion_iou: float = 0.5
    """Boxes of the two classes that overlap so much are about one lesion, from a detector that
    names the class."""

    def __post_init__(self) -> None:
        """Refuse what is no overlap."""
        check_settings("looks", self, same_box_iou=OVERLAP, same_lesion_iou=OVERLAP)


@dataclass(kw_only=True)
class DetectorAugmentation:
    """Random changes of the training images, applied to the boxes as well."""

    horizontal_flip: float = 0.5
    vertical_flip: float = 0.5
    rotation_degrees: float = 0.0
    scale: list[float] = field(default_factory=lambda: [0.8, 1.25])
    shift: float = 0.1
    """Largest translation in parts of the side."""
    gamma: list[float] = field(default_factory=lambda: [0.7, 1.4])
    chip_side_px: int = 0
    """Learn from windows of this side instead of whole inputs; 0 for whole inputs."""
    chip_lesion_share: float = 0.75
    """Part of the windows that are put around a lesion; the others fall anywhere."""
    chips_per_view: int = 1
    """Windows of each view in an epoch."""

    def __post_init__(self) -> None:
        """Refuse what is no probability, no range, or no window."""
        check_settings(
            "augmentation",
            self,
            horizontal_flip=PART,
            vertical_flip=PART,
            rotation_degrees=between(0, 180),
            scale=POSITIVE_RANGE,
            shift=PART,
            gamma=POSITIVE_RANGE,
            chip_lesion_share=PART,
            chips_per_view=at_least(1),
        )


@dataclass(kw_only=True)
class DetectorConfig:
    """All of a detector's training."""

    data: DetectorData = field(default_factory=DetectorData)
    input: DetectorInput = field(default_factory=DetectorInput)
    model: DetectorModel = field(default_factory=DetectorModel)
    looks: DetectorLooks = field(default_factory=DetectorLooks)
    augmentation: DetectorAugmentation = field(default_factory=DetectorAugmentation)
    optimisation: OptimisationConfig = field(default_factory=OptimisationConfig)

    def __post_init__(self) -> None:
        """Refuse windows that do not fit the input or the feature pyramid."""
        chip_side_px = self.augmentation.chip_side_px
        if chip_side_px % 32 or not 0 <= chip_side_px <= self.input.side_px:
            raise InputError(
                f"augmentation.chip_side_px is {chip_side_px}; give 0, or a multiple of 32 up to "
                f"input.side_px, {self.input.side_px}"
            )
