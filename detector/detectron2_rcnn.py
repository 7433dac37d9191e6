"""detectron2's Faster R-CNN, made to take and give what torchvision's does.

The only file that imports detectron2; `detector.model` imports it when that engine is chosen.
"""

import logging
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from detectron2.checkpoint.c2_model_loading import align_and_update_state_dicts
from detectron2.config import CfgNode, get_cfg
from detectron2.modeling import build_model
from detectron2.structures import Boxes, Instances
from detectron2.utils.events import EventStorage
from detectron2.utils.file_io import PathManager
from torch import Tensor, nn

from detector.config import DetectorInput, DetectorModel
from detector.detectron2_weights import read_weights
from formats.errors import InputError
from training.errors import NonFiniteLossError
from training.networks.backbones import FROM_SCRATCH

logger = logging.getLogger(__name__)
FROM_BASE = "base"
# How detectron2 reports settings that are unknown, of a wrong kind, or do not go together.
BAD_SETTINGS = (AssertionError, AttributeError, KeyError, TypeError, ValueError)


class Detectron2RCNN(nn.Module):
    """A detectron2 network behind the interface of torchvision's detectors."""

    def __init__(self, cfg: CfgNode) -> None:
        super().__init__()
        self.network = build_model(cfg)
        self.resolved_config: dict[str, Any] = yaml.safe_load(cfg.dump())
        """What the network was built from, as plain values."""

    def forward(self, images: list[Tensor], targets: list[dict[str, Tensor]] | None = None) -> Any:
        """Return losses by name in training mode, and one dict of detections an image otherwise.

        Args:
            images: (3, S, S) each, of 0..1.
            targets: `boxes` (N, 4) xyxy in pixels and `labels` (N,) from 1, for each image; needed
                in training mode.

        Raises:
            NonFiniteLossError: training diverged, so that proposals are no longer numbers.
        """
        records = [{"image": image} for image in images]
        if not self.training:
            return [_detections(found["instances"]) for found in self.network(records)]
        for record, target in zip(records, targets or [], strict=True):
            record["instances"] = _instances(target, record["image"])
        # Its layers report their statistics to a storage, and fail without one.
        with EventStorage():
            try:
                return self.network(records)
            except FloatingPointError as error:
                raise NonFiniteLossError(str(error)) from error


def build_detectron2_rcnn(
    model_config: DetectorModel, input_config: DetectorInput, class_count: int
) -> Detectron2RCNN:
    """Build the network for (3, S, S) images of 0..1 that already have the input's side.

    Raises:
        InputError: the base is missing or no Faster R-CNN, does not go with the other settings, or
            the weights cannot be had or do not fit.
    """
    settings = model_config.detectron2
    if settings.resolved:
        return _build(_merged(CfgNode(settings.resolved)), "checkpoint")
    _refuse_other_engines_settings(model_config)
    cfg = _read_base(settings.base)
    weights = cfg.MODEL.WEIGHTS if model_config.weights == FROM_BASE else model_config.weights
    if weights != FROM_SCRATCH:
        _warn_of_other_normalisation(cfg, input_config)
    _apply(cfg, model_config, input_config, class_count)
    model = _build(cfg, settings.base)
    if weights != FROM_SCRATCH:
        _load_weights(model.network, weights)
    return model


def _refuse_other_engines_settings(config: DetectorModel) -> None:
    for name in ("backbone", "activation", "proposals", "sampling", "roi_side_cells"):
        if getattr(config, name) != getattr(DetectorModel(), name):
            raise InputError(
                f"model.{name} is for engine torchvision; leave it out and choose the network by "
                "model.detectron2.base"
            )


def _read_base(base: str) -> CfgNode:
    zoo_path = files("detectron2") / "model_zoo" / "configs" / base
    path = Path(base) if Path(base).is_file() else Path(str(zoo_path))
    if path.suffix not in (".yaml", ".yml") or not path.is_file():
        raise InputError(
            f"model.detectron2.base is '{base}', no YAML file and no YAML name of the model zoo; "
            "give one, such as COCO-Detection/faster_rcnn_R_50_FPN_3x.yaml"
        )
    cfg = get_cfg()
    try:
        cfg.merge_from_file(str(path), allow_unsafe=False)
    except (*BAD_SETTINGS, yaml.YAMLError) as error:
        raise InputError(f"{path}: not a detectron2 configuration ({error}); check it") from error
    if cfg.MODEL.META_ARCHITECTURE != "GeneralizedRCNN" or (
        cfg.MODEL.PROPOSAL_GENERATOR.NAME != "RPN"
    ):
        raise InputError(
            f"{path}: not a Faster R-CNN ({cfg.MODEL.META_ARCHITECTURE} with "
            f"{cfg.MODEL.PROPOSAL_GENERATOR.NAME}); give one as model.detectron2.base"
        )
    return cfg


def _merged(resolved: CfgNode) -> CfgNode:
    cfg = get_cfg()
    try:
        cfg.merge_from_other_cfg(resolved)
    except BAD_SETTINGS as error:
        raise InputError(
            f"the checkpoint's detectron2 settings do not fit this version of detectron2 ({error})"
        ) from error
    return cfg


def _apply(
    cfg: CfgNode, model_config: DetectorModel, input_config: DetectorInput, class_count: int
) -> None:
    """Lay this project's settings over those of the base."""
    network = cfg.MODEL
    # Accelerate moves it; weights are filled in by this file.
    network.DEVICE, network.WEIGHTS = "cpu", ""
    network.MASK_ON = network.KEYPOINT_ON = False
    network.PIXEL_MEAN, network.PIXEL_STD = list(input_config.mean), list(input_config.std)
    # The same layer, whose statistics `set_training_mode` holds where they are to be fixed.
    if network.RESNETS.NORM == "FrozenBN":
        network.RESNETS.NORM = "BN"
    if model_config.weights == FROM_SCRATCH:
        network.BACKBONE.FREEZE_AT = 0
    network.FPN.OUT_CHANNELS = model_config.pyramid_channels
    network.ROI_BOX_HEAD.FC_DIM = model_config.head_width
    network.ROI_HEADS.NUM_CLASSES = class_count
    network.ROI_HEADS.SCORE_THRESH_TEST = model_config.suppression.lowest_score
    network.ROI_HEADS.NMS_THRESH_TEST = model_config.suppression.nms_iou
    cfg.TEST.DETECTIONS_PER_IMAGE = model_config.detections_per_image
    _apply_anchors(cfg, model_config, input_config.side_px)


def _apply_anchors(cfg: CfgNode, config: DetectorModel, side_px: int) -> None:
    """Give the anchors to the coarsest levels; a base with one level takes all of them."""
    sides_px = [[side * side_px for side in level] for level in config.anchor_sides]
    levels = cfg.MODEL.RPN.IN_FEATURES
    if len(levels) == 1:
        sides_px = [[side for level in sides_px for side in level]]
    if len(sides_px) > len(levels):
        raise InputError(
            f"model.anchor_sides has {len(sides_px)} levels, but {config.detectron2.base} has "
            f"{len(levels)}; give as many or fewer"
        )
    cfg.MODEL.RPN.IN_FEATURES = levels[-len(sides_px) :]
    cfg.MODEL.ANCHOR_GENERATOR.SIZES = sides_px
    cfg.MODEL.ANCHOR_GENERATOR.ASPECT_RATIOS = [list(config.anchor_height_to_width)]


def _build(cfg: CfgNode, source: str) -> Detectron2RCNN:
    try:
        return Detectron2RCNN(cfg)
    except BAD_SETTINGS as error:
        raise InputError(
            f"{source}: detectron2 cannot build this network ({error}); check it and model.*"
        ) from error


def _warn_of_other_normalisation(cfg: CfgNode, input_config: DetectorInput) -> None:
    base = np.array([cfg.MODEL.PIXEL_MEAN, cfg.MODEL.PIXEL_STD]) / 255
    if not np.allclose(base, [input_config.mean, input_config.std], rtol=0.02):
        logger.warning(
            "input.mean and input.std differ from the base's, which its weights were trained with: "
            "input.mean=%s input.std=%s",
            *base.round(6).tolist(),
        )


def _load_weights(network: nn.Module, weights: str) -> None:
    try:
        path = Path(PathManager.get_local_path(weights))
    except OSError as error:
        raise InputError(
            f"model.weights={weights}: cannot be downloaded ({error}); connect, or give "
            "model.weights=none or a file"
        ) from error
    stored = read_weights(path)
    own = network.state_dict()
    tensors = stored.tensors
    if stored.names_are_partial:
        tensors = align_and_update_state_dicts(own, tensors, stored.names_are_caffe2)
    # Anchors and classes are this project's, so that some layers of a detector never fit.
    fitting = {n: t for n, t in tensors.items() if n in own and own[n].shape == t.shape}
    if not fitting:
        raise InputError(
            f"{path}: none of its {len(tensors)} tensors fits this network "
            f"(such as '{next(iter(tensors), '')}'); give weights of model.detectron2.base"
        )
    network.load_state_dict(fitting, strict=False)
    logger.info("%s: filled %d of the network's %d tensors", path, len(fitting), len(own))


def _instances(target: dict[str, Tensor], image: Tensor) -> Instances:
    height_px, width_px = image.shape[-2:]
    return Instances(
        (height_px, width_px), gt_boxes=Boxes(target["boxes"]), gt_classes=target["labels"] - 1
    )


def _detections(found: Instances) -> dict[str, Tensor]:
    return {
        "boxes": found.pred_boxes.tensor,
        "scores": found.scores,
        "labels": found.pred_classes + 1,
    }
