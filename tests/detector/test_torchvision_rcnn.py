from typing import Any

import pytest
import torch

from detector.config import DetectorInput, DetectorModel
from detector.torchvision_rcnn import (
    CrowdAwareRoIHeads,
    SinglePrecisionAnchors,
    build_torchvision_rcnn,
)
from formats.errors import InputError

INPUT = DetectorInput(side_px=128)


@pytest.mark.parametrize("backbone", ["shufflenet_v2_x1_0", "efficientnet_b0", "resnet50"])
def test_every_backbone_trains_and_finds(backbone: str) -> None:
    torch.manual_seed(0)
    model = build_torchvision_rcnn(DetectorModel(backbone=backbone), INPUT, class_count=2)
    images = [torch.rand(3, 128, 128), torch.rand(3, 128, 128)]
    targets = [
        {"boxes": torch.tensor([[20.0, 20, 60, 70]]), "labels": torch.tensor([2])},
        {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)},
    ]

    losses = model(images, targets)
    sum(losses.values()).backward()
    found = model.eval()(images)

    assert all(torch.isfinite(loss) for loss in losses.values())
    assert all(set(result) == {"boxes", "labels", "scores"} for result in found)
    assert all(result["scores"].diff().le(0).all() for result in found)


def test_anchors_in_a_crowd_region_are_neither_lesion_nor_background() -> None:
    model = build_torchvision_rcnn(DetectorModel(), INPUT, class_count=1)
    anchors = torch.tensor([[20.0, 20, 60, 70], [90, 90, 110, 110], [0, 90, 16, 110]])
    lesion = torch.tensor([[20.0, 20, 60, 70]])
    # It covers the lesion's anchor too, which stays the lesion's.
    crowds = torch.tensor([[10.0, 10, 128, 128]])

    def labels(**more: torch.Tensor) -> list[float]:
        target = {"boxes": lesion, "labels": torch.tensor([1]), **more}
        return model.rpn.assign_targets_to_anchors([anchors], [target])[0][0].tolist()

    assert labels() == labels(crowds=torch.zeros(0, 4)) == [1, 0, 0]
    assert labels(crowds=crowds) == [1, -1, 0]


def test_boxes_in_a_crowd_region_are_not_learnt_from() -> None:
    torch.manual_seed(0)
    model = build_torchvision_rcnn(DetectorModel(), INPUT, class_count=1)
    proposals = torch.tensor([[21.0, 21, 60, 70], [90, 90, 110, 110], [0, 90, 16, 110]])
    target = {
        "boxes": torch.tensor([[20.0, 20, 60, 70]]),
        "labels": torch.tensor([1]),
        "crowds": torch.tensor([[10.0, 10, 128, 128]]),
    }

    sampled, _, labels, _ = model.roi_heads.select_training_samples([proposals], [target])

    # The lesion itself is put among its proposals.
    learnt = sorted(zip(labels[0].tolist(), sampled[0].tolist(), strict=True))
    assert learnt == [(0, [0, 90, 16, 110]), (1, [20, 20, 60, 70]), (1, [21, 21, 60, 70])]


def test_a_training_step_takes_crowd_regions() -> None:
    torch.manual_seed(0)
    model = build_torchvision_rcnn(DetectorModel(), INPUT, class_count=1)
    # Anchors reach beyond the image.
    everywhere = torch.tensor([[-128.0, -128, 256, 256]])
    none = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}

    losses = model([torch.rand(3, 128, 128)], [{**none, "crowds": torch.zeros(0, 4)}])
    of_crowd = model([torch.rand(3, 128, 128)], [{**none, "crowds": everywhere}])

    # Where nobody says what is in the image, there is nothing to learn.
    assert losses["loss_objectness"] > 0
    assert losses["loss_classifier"] > 0
    assert of_crowd == dict.fromkeys(losses, 0)
    sum(of_crowd.values()).backward()


def test_boxes_are_learnt_in_single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    model = build_torchvision_rcnn(DetectorModel(), INPUT, class_count=1)
    # In bfloat16 it would be [112.5, 80.5, 121, 92.5].
    lesion = torch.tensor([[112.4, 80.7, 121.2, 92.3]])
    sampled = []
    select = CrowdAwareRoIHeads.select_training_samples

    def note_samples(heads: CrowdAwareRoIHeads, *given: Any) -> Any:
        sampled.append(select(heads, *given))
        return sampled[-1]

    monkeypatch.setattr(CrowdAwareRoIHeads, "select_training_samples", note_samples)
    with torch.autocast("cpu", torch.bfloat16):
        model([torch.rand(3, 128, 128)], [{"boxes": lesion, "labels": torch.tensor([1])}])
    (proposals,), _, labels, (deltas,) = sampled[0]

    assert proposals.dtype == deltas.dtype == torch.float32
    # The truth is one of the proposals, and to be left as it is.
    [place] = (proposals == lesion).all(dim=1).nonzero()[:, 0]
    assert labels[0][place] == 1
    assert deltas[place].abs().max() == pytest.approx(0, abs=1e-5)


def test_anchors_are_those_of_single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build_torchvision_rcnn(DetectorModel(), DetectorInput(side_px=640), class_count=1)
    made = []
    make = SinglePrecisionAnchors.forward

    def note_anchors(anchors: SinglePrecisionAnchors, *given: Any) -> Any:
        made.append(make(anchors, *given)[0])
        return [made[-1]]

    monkeypatch.setattr(SinglePrecisionAnchors, "forward", note_anchors)
    target = {"boxes": torch.tensor([[112.4, 80.7, 121.2, 92.3]]), "labels": torch.tensor([1])}
    for halves in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=halves):
            model([torch.rand(3, 640, 640)], [target])

    assert made[1].dtype == torch.float32
    assert torch.equal(*made)


@pytest.mark.parametrize("training", [True, False])
def test_images_keep_their_size(training: bool) -> None:
    model = build_torchvision_rcnn(DetectorModel(), INPUT, class_count=1).train(training)
    image = torch.rand(3, 128, 128)
    prepared, _ = model.transform([image])

    assert prepared.tensors.shape == (1, 3, 128, 128)
    assert prepared.tensors[0, 0, 5, 7] == pytest.approx(float((image[0, 5, 7] - 0.485) / 0.229))


def test_default_network_is_compact() -> None:
    model = build_torchvision_rcnn(DetectorModel(), DetectorInput(), class_count=1)

    assert sum(p.numel() for p in model.parameters()) < 2.6e6


def test_anchors_cover_the_sizes_of_lesions() -> None:
    """Lesions cover 0.3 to 18 % of a view, 2 % in the median."""
    areas = [side**2 for level in DetectorModel().anchor_sides for side in level]

    assert min(areas) <= 0.003
    assert max(areas) >= 0.16
    assert any(0.6 < area / 0.02 < 1.6 for area in areas)


def test_anchors_grow_with_the_input() -> None:
    small = build_torchvision_rcnn(DetectorModel(), DetectorInput(side_px=448), 1)
    large = build_torchvision_rcnn(DetectorModel(), DetectorInput(side_px=896), 1)

    assert large.rpn.anchor_generator.sizes[1][0] == pytest.approx(
        2 * small.rpn.anchor_generator.sizes[1][0], abs=1
    )


def test_unknown_backbone_is_named() -> None:
    with pytest.raises(InputError, match="'vgg' is no backbone"):
        build_torchvision_rcnn(DetectorModel(backbone="vgg"), INPUT, 1)


@pytest.mark.parametrize("sides", [[[0.1]] * 3, [[0.1], [0.2, 0.3], [0.4], [0.5]]])
def test_anchors_that_do_not_fit_the_pyramid_are_refused(sides: list[list[float]]) -> None:
    with pytest.raises(InputError, match=r"anchor_sides.*4 lists"):
        build_torchvision_rcnn(DetectorModel(anchor_sides=sides), INPUT, class_count=1)
