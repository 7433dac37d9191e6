import torch

from classifier.crops.config import CropAugmentation
from classifier.crops.transforms import crop_transforms

STILL = CropAugmentation(rotation_degrees=0, scale=[1.0, 1.0], shift=0.0, gamma=[1.0, 1.0])


def test_without_changes_the_centre_is_kept_or_mirrored() -> None:
    surrounding = torch.arange(64, dtype=torch.uint8).reshape(1, 8, 8)
    centre = surrounding[:, 2:6, 2:6]
    changed = crop_transforms(STILL, side_px=4)(surrounding)

    assert torch.equal(changed, centre) or torch.equal(changed, centre.flip(2))


def test_turning_invents_no_pixels() -> None:
    torch.manual_seed(0)
    turning = CropAugmentation(scale=[1.0, 1.0], shift=0.1, gamma=[1.0, 1.0])
    transforms = crop_transforms(turning, side_px=32)
    bright = torch.full((1, 64, 64), 200, dtype=torch.uint8)

    assert all(transforms(bright).min() == 200 for _ in range(20))
