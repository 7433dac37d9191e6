import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from blobs import BlobData
from torch import Tensor, nn

from detector.config import DetectorConfig, DetectorInput, DetectorModel, Engine
from detector.dataset import DetectionDataset, Target, collate
from detector.model import build_detector, load_detector, save_detector
from detector.validation import detection_figures
from formats.errors import InputError
from training.examples.film_cache import FilmCache
from training.networks.backbones import Activation, BatchNorm, set_training_mode
from training.networks.device import computes_in_bfloat16
from training.saving.checkpoint import load_checkpoint, save_checkpoint

DEVICES = [
    "cpu",
    pytest.param(
        "cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
    ),
]
IN_HALVES = pytest.param(
    True,
    marks=pytest.mark.skipif(
        not computes_in_bfloat16(torch.device("cpu")), reason="bfloat16 is emulated here: slow"
    ),
)
NO_BOXES = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}


@pytest.fixture
def config(engine_model: DetectorModel) -> DetectorConfig:
    torch.manual_seed(0)
    return DetectorConfig(input=DetectorInput(side_px=128), model=replace(engine_model))


def two_classes(config: DetectorConfig) -> DetectorConfig:
    data = replace(config.data, class_names=["Benign", "Cancer"])
    return replace(config, data=data)


def learn(
    model: nn.Module, images: list[Tensor], targets: list[Target], steps: int, *, halves: bool
) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    model.train()
    for _ in range(steps):
        optimizer.zero_grad()
        with torch.autocast(images[0].device.type, torch.bfloat16, enabled=halves):
            total = torch.stack(list(model(images, targets).values())).sum()
        total.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()


@pytest.mark.parametrize("device", DEVICES)
def test_losses_are_finite_scalars_that_reach_the_backbone(
    config: DetectorConfig, device: str
) -> None:
    model = build_detector(two_classes(config)).to(device).train()
    lesion = {"boxes": torch.tensor([[20.0, 20, 60, 70]]), "labels": torch.tensor([2])}
    targets = [{name: value.to(device) for name, value in t.items()} for t in (lesion, NO_BOXES)]

    losses = model([torch.rand(3, 128, 128, device=device) for _ in targets], targets)
    torch.stack(list(losses.values())).sum().backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]

    assert len(losses) == 4
    assert all(loss.ndim == 0 and torch.isfinite(loss) for loss in losses.values())
    assert len(gradients) > 0.9 * len(list(model.parameters()))
    assert all(torch.isfinite(gradient).all() for gradient in gradients)


@pytest.mark.parametrize("device", DEVICES)
def test_detections_are_boxes_of_the_square_best_first(config: DetectorConfig, device: str) -> None:
    model = build_detector(two_classes(config)).to(device).eval()
    found = model([torch.rand(3, 128, 128, device=device), torch.zeros(3, 128, 128, device=device)])

    assert len(found) == 2
    assert len(found[0]["scores"]) > 0
    for result in found:
        assert set(result) == {"boxes", "scores", "labels"}
        assert result["boxes"].shape == (len(result["scores"]), 4)
        assert (result["boxes"] >= 0).all()
        assert (result["boxes"] <= 128).all()
        assert (result["boxes"][:, 2:] > result["boxes"][:, :2]).all()
        assert (result["scores"].diff() <= 0).all()
        assert set(result["labels"].tolist()) <= {1, 2}


def test_a_batch_of_negatives_is_learnt_from(config: DetectorConfig) -> None:
    model = build_detector(config).train()
    losses = model([torch.rand(3, 128, 128)] * 2, [NO_BOXES, NO_BOXES])
    torch.stack(list(losses.values())).sum().backward()

    assert all(torch.isfinite(loss) for loss in losses.values())
    assert sum(loss.item() for loss in losses.values()) > 0


def test_detections_are_no_more_than_asked_for(config: DetectorConfig) -> None:
    config.model.detections_per_image = 3
    model = build_detector(config).eval()

    assert len(model([torch.rand(3, 128, 128)])[0]["boxes"]) == 3


@pytest.mark.parametrize("halves", [False, IN_HALVES], ids=["fp32", "bf16"])
@pytest.mark.parametrize("device", DEVICES)
def test_one_image_is_learnt_by_heart(
    config: DetectorConfig, device: str, halves: bool, blob_data: BlobData, film_cache: FilmCache
) -> None:
    names = config.data.class_names
    dataset = DetectionDataset(blob_data.coco, blob_data.root, config.input, names, film_cache)
    images, targets = collate([dataset[0]])
    model = build_detector(config).to(device)
    on_device = [{name: value.to(device) for name, value in t.items()} for t in targets]
    ap50 = 0.0
    for _ in range(6):
        on_its_device = [image.to(device) for image in images]
        learn(model, on_its_device, on_device, steps=20, halves=halves)
        figures = detection_figures(model.eval(), [(images, targets)], torch.device(device))
        ap50 = max(ap50, figures["ap50"])
        if ap50 > 0.99:
            break

    assert ap50 == pytest.approx(1.0)


def test_half_precision_trains(config: DetectorConfig) -> None:
    model = build_detector(config).train()
    target = {"boxes": torch.tensor([[20.0, 20, 60, 70]]), "labels": torch.tensor([1])}
    with torch.autocast("cpu", torch.bfloat16):
        losses = model([torch.rand(3, 128, 128)] * 2, [target, NO_BOXES])
        total = torch.stack(list(losses.values())).sum()
    total.backward()

    assert torch.isfinite(total)


def test_checkpoint_round_trip_gives_the_same_boxes(config: DetectorConfig, tmp_path: Path) -> None:
    model = build_detector(config).eval()
    save_detector(model, config, tmp_path / "d.safetensors", {"name": "x"}, {"ap50": 0.5})
    loaded, loaded_config, checkpoint = load_detector(tmp_path / "d.safetensors")
    image = torch.rand(3, 128, 128)
    found, expected = loaded([image])[0], model([image])[0]
    loaded_config.model.detectron2.resolved = {}

    assert loaded_config == config
    assert checkpoint.metrics == {"ap50": 0.5}
    assert len(expected["boxes"]) > 0
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_checkpoint_is_usable_without_what_it_started_from(
    config: DetectorConfig, tmp_path: Path
) -> None:
    model = build_detector(config)
    config.model.weights = "long_gone.safetensors"
    config.model.detectron2 = replace(config.model.detectron2, base="long_gone.yaml")
    save_detector(model, config, tmp_path / "d.safetensors", {}, {})
    loaded, loaded_config, checkpoint = load_detector(tmp_path / "d.safetensors")
    save_detector(loaded, loaded_config, tmp_path / "again.safetensors", {}, {})

    assert load_detector(tmp_path / "again.safetensors")[2].state.keys() == checkpoint.state.keys()


def test_configuration_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.safetensors"
    config = DetectorConfig()
    save_detector(build_detector(config), config, path, {}, {})
    checkpoint = load_checkpoint(path, "detector")
    save_checkpoint(replace(checkpoint, config=checkpoint.config | {"unheard_of": 1}), path)

    with pytest.raises(InputError, match=r"d\.safetensors: .*unheard_of"):
        load_detector(path)


def test_engine_that_is_not_installed_is_named_with_its_guide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("detectron2", *(name for name in sys.modules if name.startswith("detectron2."))):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "detector.detectron2_rcnn", raising=False)

    with pytest.raises(InputError, match=r"detectron2\.readthedocs\.io.*setuptools<82.*omegaconf"):
        build_detector(DetectorConfig(model=DetectorModel(engine=Engine.detectron2)))


@pytest.mark.parametrize(("batch_norm", "learns"), [("fixed", False), ("learned", True)])
def test_batch_norm_mode(config: DetectorConfig, batch_norm: str, learns: bool) -> None:
    model = build_detector(config)
    set_training_mode(model, BatchNorm(batch_norm))
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]

    assert model.training
    assert len(norms) > 15
    assert {norm.training for norm in norms} == {learns}
    assert all(norm.weight.requires_grad for norm in norms)


def test_an_initial_checkpoint_fills_every_weight(tmp_path: Path) -> None:
    config = DetectorConfig(input=DetectorInput(side_px=128))
    source = build_detector(config)
    save_detector(source, config, tmp_path / "first.safetensors", {}, {})
    config.input.side_px = 192
    config.model.initial_checkpoint = str(tmp_path / "first.safetensors")
    filled = build_detector(config)

    assert all(
        torch.equal(value, filled.state_dict()[key]) for key, value in source.state_dict().items()
    )


def test_an_initial_checkpoint_of_other_classes_fills_all_but_what_names_them(
    engine_model: DetectorModel, tmp_path: Path
) -> None:
    config = DetectorConfig(input=DetectorInput(side_px=128), model=replace(engine_model))
    source = build_detector(config)
    save_detector(source, config, tmp_path / "first.safetensors", {}, {})
    config.data.class_names = ["Benign", "Cancer"]
    config.model.initial_checkpoint = str(tmp_path / "first.safetensors")
    filled = build_detector(config).state_dict()
    taken = {k for k, v in source.state_dict().items() if torch.equal(v, filled[k])}

    assert all("roi_heads.box_predictor." in k for k in filled.keys() - taken)
    names = [k for k in filled if k.endswith("box_predictor.cls_score.weight")]
    assert [filled[k].shape[0] for k in names] == [3]


def test_an_initial_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    config = DetectorConfig(input=DetectorInput(side_px=128))
    save_detector(build_detector(config), config, tmp_path / "first.safetensors", {}, {})
    config.model.initial_checkpoint = str(tmp_path / "first.safetensors")
    config.model.pyramid_channels = 64

    with pytest.raises(InputError, match=r"first\.safetensors.*another network"):
        build_detector(config)


def test_an_initial_checkpoint_of_another_activation_is_refused(tmp_path: Path) -> None:
    config = DetectorConfig(input=DetectorInput(side_px=128))
    save_detector(build_detector(config), config, tmp_path / "first.safetensors", {}, {})
    config.model.initial_checkpoint = str(tmp_path / "first.safetensors")
    config.model.activation = Activation.leaky_relu

    with pytest.raises(InputError, match=r"first\.safetensors.*model\.activation=own"):
        build_detector(config)
