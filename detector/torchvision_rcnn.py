"""torchvision's Faster R-CNN with a feature pyramid over a named backbone."""

from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.ops import FeaturePyramidNetwork, MultiScaleRoIAlign
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from detector.config import DetectorInput, DetectorModel
from formats.errors import InputError
from training.backbones import build_pyramid_body, freeze_blocks

# Strides 8, 16 and 32, and one pooled from the last.
PYRAMID_LEVELS = 4


class PyramidBackbone(nn.Module):
    """A body with a feature pyramid: maps of strides 8, 16 and 32, and one pooled from the last."""

    def __init__(self, body: nn.Module, body_channels: list[int], channels: int) -> None:
        super().__init__()
        self.body = body
        self.fpn = FeaturePyramidNetwork(body_channels, channels, LastLevelMaxPool())
        self.out_channels = channels

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Return (B, channels, h, w) maps of (B, 3, H, W) images, by level's name."""
        maps = self.body(images)
        return self.fpn({str(level): features for level, features in enumerate(maps)})


def build_torchvision_rcnn(
    model_config: DetectorModel, input_config: DetectorInput, class_count: int
) -> FasterRCNN:
    """Build the network for (3, S, S) images of 0..1 that already have the input's side.

    Raises:
        InputError: an unknown backbone, or weights that cannot be had or do not fit.
    """
    proposals, sampling = model_config.proposals, model_config.sampling
    suppression, roi_side_cells = model_config.suppression, model_config.roi_side_cells
    return FasterRCNN(
        _backbone(model_config),
        rpn_anchor_generator=_anchors(model_config, input_config.side_px),
        rpn_pre_nms_top_n_train=proposals.candidates_in_training,
        rpn_pre_nms_top_n_test=proposals.candidates,
        rpn_post_nms_top_n_train=proposals.kept_in_training,
        rpn_post_nms_top_n_test=proposals.kept,
        rpn_nms_thresh=proposals.nms_iou,
        rpn_fg_iou_thresh=sampling.positive_anchor_iou,
        rpn_batch_size_per_image=sampling.anchors_per_image,
        box_roi_pool=MultiScaleRoIAlign(["0", "1", "2"], roi_side_cells, sampling_ratio=2),
        box_head=TwoMLPHead(
            model_config.pyramid_channels * roi_side_cells**2, model_config.head_width
        ),
        box_predictor=FastRCNNPredictor(model_config.head_width, class_count + 1),
        box_batch_size_per_image=sampling.boxes_per_image,
        box_positive_fraction=sampling.positive_box_share,
        box_score_thresh=suppression.lowest_score,
        box_nms_thresh=suppression.nms_iou,
        box_detections_per_img=model_config.detections_per_image,
        image_mean=input_config.mean,
        image_std=input_config.std,
        # Images come in their final size, a multiple of every stride. torchvision skips resizing
        # in training mode only; otherwise it makes the shorter side `min_size`, by default 800.
        _skip_resize=True,
        min_size=input_config.side_px,
        max_size=input_config.side_px,
    )


def _backbone(config: DetectorModel) -> PyramidBackbone:
    body, channels = build_pyramid_body(config.backbone, config.weights, config.activation)
    freeze_blocks(body, config.backbone, config.frozen_blocks)
    return PyramidBackbone(body, channels, config.pyramid_channels)


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
