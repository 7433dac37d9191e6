from pathlib import Path

import pytest

from detector.config import DetectorModel, Detectron2Network, Engine

SMALL_RCNN = """
MODEL:
  BACKBONE: {NAME: build_resnet_fpn_backbone}
  RESNETS: {DEPTH: 18, RES2_OUT_CHANNELS: 64, OUT_FEATURES: [res2, res3, res4, res5]}
  FPN: {IN_FEATURES: [res2, res3, res4, res5]}
  RPN:
    IN_FEATURES: [p2, p3, p4, p5, p6]
    PRE_NMS_TOPK_TRAIN: 200
    PRE_NMS_TOPK_TEST: 100
    POST_NMS_TOPK_TRAIN: 100
    POST_NMS_TOPK_TEST: 50
    SMOOTH_L1_BETA: 0.1
  ROI_HEADS:
    NAME: StandardROIHeads
    IN_FEATURES: [p2, p3, p4, p5]
    BATCH_SIZE_PER_IMAGE: 32
    POSITIVE_FRACTION: 0.5
  ROI_BOX_HEAD: {NAME: FastRCNNConvFCHead, NUM_FC: 2, POOLER_RESOLUTION: 7, SMOOTH_L1_BETA: 1.0}
VERSION: 2
"""


@pytest.fixture(scope="session")
def small_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ResNet-18 Faster R-CNN as a configuration file of detectron2."""
    path = tmp_path_factory.mktemp("detectron2") / "small.yaml"
    path.write_text(SMALL_RCNN)
    return path


@pytest.fixture(scope="session", params=list(Engine))
def engine_model(request: pytest.FixtureRequest, small_base: Path) -> DetectorModel:
    """The same small network of each engine that is installed; not to be changed."""
    if request.param == Engine.torchvision:
        return DetectorModel()
    pytest.importorskip("detectron2")
    return DetectorModel(engine=request.param, detectron2=Detectron2Network(str(small_base)))
