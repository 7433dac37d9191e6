import logging
import pickle
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from detector.config import DetectorInput, DetectorModel, Detectron2Network, Engine
from detector.model import ENGINES
from formats.errors import InputError
from training.loop import NonFiniteLossError

PROJECT = Path(__file__).parents[2]
INPUT = DetectorInput(side_px=128)


def test_only_the_adapter_imports_detectron2_at_import() -> None:
    imports = re.compile(r"^(from|import) (detectron2|detector\.detectron2_rcnn)\b", re.MULTILINE)
    found = [
        path.name
        for package in ("converters", "training", "detector", "classifier", "pipeline", "tools")
        for path in (PROJECT / package).glob("*.py")
        if imports.search(path.read_text(encoding="utf-8"))
    ]

    assert found == ["detectron2_rcnn.py"]


@pytest.fixture
def model_config(small_base: Path) -> DetectorModel:
    pytest.importorskip("detectron2")
    return DetectorModel(engine=Engine.detectron2, detectron2=Detectron2Network(str(small_base)))


def build(config: DetectorModel, class_count: int = 1) -> nn.Module:
    return ENGINES[Engine.detectron2](config, INPUT, class_count)


def with_base(config: DetectorModel, base: str | Path) -> DetectorModel:
    return replace(config, detectron2=Detectron2Network(str(base)))


def test_settings_are_this_projects(model_config: DetectorModel) -> None:
    network = build(model_config, class_count=2).get_submodule("network")
    anchors = network.proposal_generator.anchor_generator
    sizes = [(cell[:, 2:] - cell[:, :2]) for cell in anchors.cell_anchors]
    heights_to_widths = [float(h / w) for w, h in sizes[0]]
    sides_px = [float(torch.sqrt(w * h)) for w, h in sizes[0]]

    assert anchors.strides == [8, 16, 32, 64]
    assert sorted(set(np.round(heights_to_widths, 3))) == [0.4, 0.6, 0.9]
    assert sorted(set(np.round(sides_px, 3))) == [0.04 * 128, 0.055 * 128]
    assert network.roi_heads.num_classes == 2
    assert network.pixel_mean.flatten().tolist() == pytest.approx(INPUT.mean)
    assert network.roi_heads.box_predictor.test_score_thresh == 0.001
    assert all(p.requires_grad for p in network.parameters())


def test_network_of_the_model_zoo_trains_and_finds(model_config: DetectorModel) -> None:
    torch.manual_seed(0)
    model = build(with_base(model_config, "COCO-Detection/faster_rcnn_R_50_FPN_3x.yaml")).train()
    target = {"boxes": torch.tensor([[20.0, 20, 60, 70]]), "labels": torch.tensor([1])}
    losses = model([torch.rand(3, 128, 128)], [target])
    found = model.eval()([torch.rand(3, 128, 128)])

    assert all(torch.isfinite(loss) for loss in losses.values())
    assert set(found[0]) == {"boxes", "scores", "labels"}


@pytest.mark.parametrize(("norm", "layer"), [("FrozenBN", nn.BatchNorm2d), ("GN", nn.GroupNorm)])
def test_frozen_norms_can_learn_and_others_stay(
    model_config: DetectorModel, norm: str, layer: type, small_base: Path, tmp_path: Path
) -> None:
    base = tmp_path / "base.yaml"
    base.write_text(f"_BASE_: {small_base}\nMODEL: {{RESNETS: {{NORM: {norm}}}}}\n")
    stem = build(with_base(model_config, base)).get_submodule("network.backbone.bottom_up.stem")

    assert isinstance(stem.conv1.norm, layer)


def test_base_without_a_pyramid_takes_every_anchor(model_config: DetectorModel) -> None:
    model = build(with_base(model_config, "COCO-Detection/faster_rcnn_R_50_C4_1x.yaml"))
    anchors = model.get_submodule("network.proposal_generator.anchor_generator")

    assert anchors.num_cell_anchors == [4 * 2 * 3]


@pytest.mark.parametrize(
    "base",
    [
        "COCO-Detection/retinanet_R_50_FPN_1x.yaml",
        "COCO-Detection/fast_rcnn_R_50_FPN_1x.yaml",
        "COCO-Detection/fcos_R_50_FPN_1x.py",
        "nowhere.yaml",
    ],
)
def test_other_bases_are_refused(model_config: DetectorModel, base: str) -> None:
    with pytest.raises(InputError, match=base):
        build(with_base(model_config, base))


@pytest.mark.parametrize(
    "content",
    [
        "MODEL: {UNHEARD_OF: 1}",
        "MODEL: {RPN: {NMS_THRESH: [1, 2]}}",
        "MODEL: {RESNETS: {DEPTH: 51}}",
        "VERSION: !!python/object/apply:os.getcwd []",
        "MODEL: [",
        "just words",
    ],
)
def test_unusable_yaml_is_refused_and_runs_nothing(
    model_config: DetectorModel, content: str, tmp_path: Path
) -> None:
    path = tmp_path / "base.yaml"
    path.write_text(content)

    with pytest.raises(InputError, match=r"base\.yaml"):
        build(with_base(model_config, path))


def test_too_many_anchor_levels_are_refused(model_config: DetectorModel) -> None:
    with pytest.raises(InputError, match=r"6 levels.*has 5"):
        build(replace(model_config, anchor_sides=[[0.1]] * 6))


def test_settings_of_the_other_engine_are_refused(model_config: DetectorModel) -> None:
    with pytest.raises(InputError, match=r"model\.backbone is for engine torchvision"):
        build(replace(model_config, backbone="resnet50"))


def test_settings_of_another_detectron2_are_refused(model_config: DetectorModel) -> None:
    settings = Detectron2Network(resolved={"MODEL": {"FROM_THE_FUTURE": 1}})

    with pytest.raises(InputError, match="FROM_THE_FUTURE"):
        build(replace(model_config, detectron2=settings))


def test_divergence_is_the_projects_own_error(model_config: DetectorModel) -> None:
    model = build(model_config).train()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(torch.nan)
    target = {"boxes": torch.tensor([[20.0, 20, 60, 70]]), "labels": torch.tensor([1])}

    with pytest.raises(NonFiniteLossError, match="diverged"):
        model([torch.rand(3, 128, 128)], [target])


def test_zoo_detector_fills_what_fits(model_config: DetectorModel, tmp_path: Path) -> None:
    torch.manual_seed(0)
    donor = build(model_config, class_count=80).get_submodule("network").state_dict()
    arrays = {name: tensor.numpy() for name, tensor in donor.items()}
    path = tmp_path / "model_final.pkl"
    path.write_bytes(pickle.dumps({"model": arrays, "__author__": "Detectron2 Model Zoo"}))

    filled = build(replace(model_config, weights=str(path))).get_submodule("network").state_dict()

    other = {name for name in filled if not torch.equal(filled[name], donor[name])}
    assert len(filled) > 100
    assert {name.rsplit(".", 1)[0] for name in other} == {
        "roi_heads.box_predictor.cls_score",
        "roi_heads.box_predictor.bbox_pred",
    }


def test_base_weights_are_those_that_the_base_names(
    model_config: DetectorModel, small_base: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A Caffe2 backbone, whose names are other ones and partial."""
    stem = np.full((64, 3, 7, 7), 0.25, dtype=np.float32)
    weights = tmp_path / "R-18.pkl"
    weights.write_bytes(pickle.dumps({"conv1_w": stem, "res_conv1_bn_s": np.full(64, 2.0)}))
    base = tmp_path / "base.yaml"
    base.write_text(f"_BASE_: {small_base}\nMODEL: {{WEIGHTS: {weights}}}\n")

    with caplog.at_level(logging.INFO, logger="detector.detectron2_rcnn"):
        model = build(replace(with_base(model_config, base), weights="base"))
    conv = model.get_submodule("network.backbone.bottom_up.stem.conv1")

    assert torch.equal(conv.weight, torch.from_numpy(stem))
    assert conv.norm.weight.unique().tolist() == [2]
    assert "filled 2 of" in caplog.text
    assert "input.mean=[0.406, 0.456, 0.485] input.std=[0.003922" in caplog.text


def test_weights_of_another_network_are_refused(
    model_config: DetectorModel, tmp_path: Path
) -> None:
    path = tmp_path / "other.pkl"
    path.write_bytes(pickle.dumps({"model": {"a.b": np.ones(3)}, "__author__": "someone"}))

    with pytest.raises(InputError, match=r"none of its 1 tensors fits.*a\.b"):
        build(replace(model_config, weights=str(path)))
