"""torchvision's Faster R-CNN with a feature pyramid over a named backbone."""

from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.generalized_rcnn import GeneralizedRCNN
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead
from torchvision.models.detection.transform import GeneralizedRCNNTransform
from torchvision.ops import FeaturePyramidNetwork, box_iou
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from detector.box_pooling import BoxPooling
from detector.config import BACKGROUND_ANCHOR_IOU, DetectorInput, DetectorModel
from detector.crowds import lies_in_crowd
from formats.errors import InputError
from training.networks.backbones import build_pyramid_body, freeze_blocks

# Strides 8, 16 and 32, and one pooled from the last.
PYRAMID_LEVELS = 4
# Of the anchors that are sampled in an image, at most.
POSITIVE_ANCHOR_SHARE = 0.5
# From here on a proposal is the lesion that it overlaps, below it background.
POSITIVE_BOX_IOU = 0.5


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
) -> GeneralizedRCNN:
    """Build the network for (3, S, S) images of 0..1 that already have the input's side.

    Raises:
        InputError: an unknown backbone, or weights that cannot be had or do not fit.
    """
    proposals, sampling = model_config.proposals, model_config.sampling
    suppression, roi_side_cells = model_config.suppression, model_config.roi_side_cells
    backbone = _backbone(model_config)
    anchors = _anchors(model_config, input_config.side_px)
    # Drawn in this order, as torchvision's own Faster R-CNN draws them.
    box_head = TwoMLPHead(
        model_config.pyramid_channels * roi_side_cells**2, model_config.head_width
    )
    box_predictor = FastRCNNPredictor(model_config.head_width, class_count + 1)
    rpn = CrowdAwareProposals(
        anchors,
        SinglePrecisionRPNHead(backbone.out_channels, anchors.num_anchors_per_location()[0]),
        fg_iou_thresh=sampling.positive_anchor_iou,
        bg_iou_thresh=BACKGROUND_ANCHOR_IOU,
        batch_size_per_image=sampling.anchors_per_image,
        positive_fraction=POSITIVE_ANCHOR_SHARE,
        pre_nms_top_n={
            "training": proposals.candidates_in_training,
            "testing": proposals.candidates,
        },
        post_nms_top_n={"training": proposals.kept_in_training, "testing": proposals.kept},
        nms_thresh=proposals.nms_iou,
    )
    roi_heads = CrowdAwareRoIHeads(
        BoxPooling(["0", "1", "2"], roi_side_cells, sampling_ratio=2),
        box_head,
        box_predictor,
        fg_iou_thresh=POSITIVE_BOX_IOU,
        bg_iou_thresh=POSITIVE_BOX_IOU,
        batch_size_per_image=sampling.boxes_per_image,
        positive_fraction=sampling.positive_box_share,
        bbox_reg_weights=None,
        score_thresh=suppression.lowest_score,
        nms_thresh=suppression.nms_iou,
        detections_per_img=model_config.detections_per_image,
    )
    # Images come in their final size, a multiple of every stride. torchvision skips resizing in
    # training mode only; otherwise it makes the shorter side `min_size`.
    transform = GeneralizedRCNNTransform(
        min_size=input_config.side_px,
        max_size=input_config.side_px,
        image_mean=input_config.mean,
        image_std=input_config.std,
        _skip_resize=True,
    )
    return GeneralizedRCNN(backbone, rpn, roi_heads, transform)


class SinglePrecisionAnchors(AnchorGenerator):
    """Anchors in float32, autocast or not: torchvision's take the precision of the maps."""

    def forward(self, image_list: ImageList, feature_maps: list[Tensor]) -> list[Tensor]:
        """Return each image's (A, 4) anchors for (B, C, h, w) maps, xyxy in its pixels."""
        # Of the maps it needs no more than their shapes.
        shapes = [m.new_empty((), dtype=torch.float32).expand(m.shape) for m in feature_maps]
        return super().forward(image_list, shapes)


class SinglePrecisionRPNHead(RPNHead):
    """A first stage's head that answers in float32, autocast or not.

    Proposals take the precision of its answers, and the truth that they are compared with takes
    theirs: in bfloat16 both are up to 1 px off from 256 px on, and 2 px from 512 px on.
    """

    def forward(self, x: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Return (B, A, h, w) logits and (B, 4 A, h, w) deltas of each (B, C, h, w) map."""
        logits, deltas = super().forward(x)
        return [level.float() for level in logits], [level.float() for level in deltas]


class CrowdAwareProposals(RegionProposalNetwork):
    """A first stage to which anchors that lie mostly in a crowd region are no background."""

    def assign_targets_to_anchors(
        self, anchors: list[Tensor], targets: list[dict[str, Tensor]]
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Return (A,) labels of each image's anchors, and the (A, 4) boxes that they are to find.

        A label is 1 for a lesion, 0 for background and -1 for neither.
        """
        labels, boxes_xyxy = super().assign_targets_to_anchors(anchors, targets)
        for of_image, label, target in zip(anchors, labels, targets, strict=True):
            if "crowds" in target:
                label[(label == 0) & lies_in_crowd(of_image, target["crowds"])] = -1
        return labels, boxes_xyxy

    def compute_loss(
        self,
        objectness: Tensor,
        pred_bbox_deltas: Tensor,
        labels: list[Tensor],
        regression_targets: list[Tensor],
    ) -> tuple[Tensor, Tensor]:
        """Return the losses of objectness and boxes; 0 where no image has anything to learn."""
        if all((label < 0).all() for label in labels):
            nothing = 0.0 * objectness.sum()
            return nothing, nothing
        return super().compute_loss(objectness, pred_bbox_deltas, labels, regression_targets)


class CrowdAwareRoIHeads(RoIHeads):
    """A second stage that does not learn from boxes mostly in a crowd region and on no lesion."""

    def select_training_samples(
        self, proposals: list[Tensor], targets: list[dict[str, Tensor]]
    ) -> Any:
        """Sample the boxes that count, as torchvision does, from what is left."""
        kept = [
            _without_crowded(of_image, t) for of_image, t in zip(proposals, targets, strict=True)
        ]
        return super().select_training_samples(kept, targets)

    def forward(
        self,
        features: dict[str, Tensor],
        proposals: list[Tensor],
        image_shapes: list[tuple[int, int]],
        targets: list[dict[str, Tensor]] | None = None,
    ) -> tuple[list[dict[str, Tensor]], dict[str, Tensor]]:
        """Return detections and losses; losses of 0 where no image has anything to learn."""
        if targets is not None and not any(
            len(target["boxes"]) or len(_without_crowded(boxes_xyxy, target))
            for boxes_xyxy, target in zip(proposals, targets, strict=True)
        ):
            nothing = 0.0 * sum((level.sum() for level in features.values()), torch.zeros(()))
            return [], {"loss_classifier": nothing, "loss_box_reg": nothing}
        return super().forward(features, proposals, image_shapes, targets)


def _without_crowded(boxes_xyxy: Tensor, target: dict[str, Tensor]) -> Tensor:
    if "crowds" not in target:
        return boxes_xyxy
    is_crowded = lies_in_crowd(boxes_xyxy, target["crowds"])
    if len(target["boxes"]):
        is_crowded &= box_iou(boxes_xyxy, target["boxes"]).amax(dim=1) < POSITIVE_BOX_IOU
    return boxes_xyxy[~is_crowded]


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
    return SinglePrecisionAnchors(sizes=sizes_px, aspect_ratios=ratios)
