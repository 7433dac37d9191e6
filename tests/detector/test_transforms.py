import torch
from torchvision import tv_tensors

from detector.config import DetectorAugmentation
from detector.transforms import detection_transforms, to_network_input


def still(**changes: float) -> DetectorAugmentation:
    nothing = {"horizontal_flip": 0.0, "vertical_flip": 0.0, "shift": 0.0}
    return DetectorAugmentation(scale=[1.0, 1.0], gamma=[1.0, 1.0], **{**nothing, **changes})


def example() -> tuple[tv_tensors.Image, dict[str, torch.Tensor]]:
    image = tv_tensors.Image(torch.zeros(1, 64, 64, dtype=torch.uint8))
    image[0, 10:20, 5:25] = 200
    boxes = tv_tensors.BoundingBoxes([[5.0, 10, 25, 20]], format="XYXY", canvas_size=(64, 64))
    return image, {"boxes": boxes, "labels": torch.tensor([1])}


def test_flips_move_pixels_and_boxes_together() -> None:
    image, target = detection_transforms(still(horizontal_flip=1.0, vertical_flip=1.0))(*example())

    assert target["boxes"].tolist() == [[39, 44, 59, 54]]
    assert image[0, 44:54, 39:59].min() == 200
    assert image.sum() == 200 * 200


def test_nothing_configured_changes_nothing() -> None:
    image, target = detection_transforms(still())(*example())

    assert torch.equal(image, example()[0])
    assert torch.equal(target["boxes"], example()[1]["boxes"])


def test_lesion_shifted_out_is_dropped_with_its_label() -> None:
    torch.manual_seed(0)
    transforms = detection_transforms(still(shift=1.0))
    counts = {len(transforms(*example())[1]["labels"]) for _ in range(30)}

    assert counts == {0, 1}


def test_network_input_has_three_equal_channels_of_unit_range() -> None:
    image = torch.tensor([[[0, 255]]], dtype=torch.uint8)

    assert to_network_input(image).tolist() == [[[0.0, 1.0]]] * 3
