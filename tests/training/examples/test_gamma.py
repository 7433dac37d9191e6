import torch
from torchvision import tv_tensors

from training.examples.gamma import RandomGamma


def test_power_is_drawn_between_the_bounds_and_applied_to_images_only() -> None:
    image = tv_tensors.Image(torch.full((1, 4, 4), 64, dtype=torch.uint8))
    boxes = tv_tensors.BoundingBoxes([[0, 0, 2, 2]], format="XYXY", canvas_size=(4, 4))
    torch.manual_seed(0)
    seen = set()
    for _ in range(50):
        changed, same_boxes = RandomGamma(0.5, 2.0)(image, boxes)
        assert torch.equal(same_boxes, boxes)
        seen.add(int(changed[0, 0, 0]))

    brightest, darkest = 255 * (64 / 255) ** 0.5, 255 * (64 / 255) ** 2.0
    assert len(seen) > 10
    assert darkest - 1 <= min(seen)
    assert max(seen) <= brightest + 1
