"""torchvision's Faster R-CNN with a feature pyramid over a named backbone."""

from dataclasses import dataclass

from torch import nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.ops import MultiScaleRoIAlign

from converters.errors import InputError
from detector.config import DetectorInput, DetectorModel
from training.backbones import build_backbone

# Strides 8, 16 and 32, and one pooled from the last.
PYRAMID_LEVELS = 4
ROI_SIDE_CELLS = 7
PROPOSALS_TRAINING = 250
PROPOSALS_INFERENCE = 150
# Fewer than the usual 512: a film has one lesion or two, and pooling is the costliest step.
SAMPLED_ROIS_PER_IMAGE = 64
# A lesion fits few anchors: among the usual 256 with IoU 0.7 they would hardly count.
SAMPLED_ANCHORS_PER_IMAGE = 64
POSITIVE_ANCHOR_IOU = 0.5
POSITIVE_ROI_SHARE = 0.5
LOWEST_SCORE = 0.001
# Lesions seldom overlap, and a mammogram has few of them.
NMS_IOU = 0.4


@dataclass(frozen=True)
class BackboneLayout:
    """How a torchvision classifier serves as the body of a detector."""

    layers: tuple[str, str, str]
    """Modules whose outputs have strides 8, 16 and 32."""
    channels: list[int]
    body: str = ""
    """The submodule that holds the layers; empty for the classifier itself."""


BACKBONES = {
    "shufflenet_v2_x1_0": BackboneLayout(("stage2", "stage3", "stage4"), [116, 232, 464]),
    "mobilenet_v3_large": BackboneLayout(("6", "12", "16"), [40, 112, 960], "features"),
    "resnet18": BackboneLayout(("layer2", "layer3", "layer4"), [128, 256, 512]),
    "resnet50": BackboneLayout(("layer2", "layer3", "layer4"), [512, 1024, 2048]),
}


def build_torchvision_rcnn(
    model_config: DetectorModel, input_config: DetectorInput, class_count: int
) -> FasterRCNN:
    """Build the network for (3, S, S) images of 0..1 that already have the input's side.

    Raises:
        InputError: an unknown backbone, or weights that cannot be had or do not fit.
    """
    return FasterRCNN(
        _backbone(model_config),
        rpn_anchor_generator=_anchors(model_config, input_config.side_px),
        rpn_pre_nms_top_n_train=2 * PROPOSALS_TRAINING,
        rpn_pre_nms_top_n_test=2 * PROPOSALS_INFERENCE,
        rpn_post_nms_top_n_train=PROPOSALS_TRAINING,
        rpn_post_nms_top_n_test=PROPOSALS_INFERENCE,
        rpn_fg_iou_thresh=POSITIVE_ANCHOR_IOU,
        rpn_batch_size_per_image=SAMPLED_ANCHORS_PER_IMAGE,
        box_roi_pool=MultiScaleRoIAlign(["0", "1", "2"], ROI_SIDE_CELLS, sampling_ratio=2),
        box_head=TwoMLPHead(
            model_config.pyramid_channels * ROI_SIDE_CELLS**2, model_config.head_width
        ),
        box_predictor=FastRCNNPredictor(model_config.head_width, class_count + 1),
        box_batch_size_per_image=SAMPLED_ROIS_PER_IMAGE,
        box_positive_fraction=POSITIVE_ROI_SHARE,
        box_score_thresh=LOWEST_SCORE,
        box_nms_thresh=NMS_IOU,
        box_detections_per_img=model_config.detections_per_image,
        image_mean=input_config.mean,
        image_std=input_config.std,
        # Images come in their final size, a multiple of every stride. torchvision skips resizing
        # in training mode only; otherwise it makes the shorter side `min_size`, by default 800.
        _skip_resize=True,
        min_size=input_config.side_px,
        max_size=input_config.side_px,
    )


def _backbone(config: DetectorModel) -> BackboneWithFPN:
    layout = BACKBONES.get(config.backbone)
    if layout is None:
        raise InputError(f"model.backbone is '{config.backbone}'; give one of {sorted(BACKBONES)}")
    classifier = build_backbone(config.backbone, config.weights, config.activation)
    body: nn.Module = classifier.get_submodule(layout.body)
    layers = {name: str(level) for level, name in enumerate(layout.layers)}
    return BackboneWithFPN(body, layers, layout.channels, config.pyramid_channels)


def _anchors(config: DetectorModel, side_px: int) -> AnchorGenerator:
    counts = [len(level) for level in config.anchor_sides]
    if len(counts) != PYRAMID_LEVELS or len(set(counts)) != 1 or not counts[0]:
        raise InputError(
            f"model.anchor_sides has {counts} sides by level; "
            f"give {PYRAMID_LEVELS} lists of the same length"
        )
    sizes_px = tuple(
        tuple(max(1, round(side * side_px)) for side in level) for level in config.anchor_sides
    )
    ratios = (tuple(config.anchor_height_to_width),) * len(sizes_px)
    return AnchorGenerator(sizes=sizes_px, aspect_ratios=ratios)
