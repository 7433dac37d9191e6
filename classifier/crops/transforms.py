"""Random changes of training crops."""

from torchvision.transforms import v2

from classifier.crops.config import CropAugmentation
from training.examples.gamma import RandomGamma


def crop_transforms(config: CropAugmentation, side_px: int) -> v2.Transform:
    """Return the augmentation of a (1, 2S, 2S) uint8 surrounding down to a (1, S, S) crop."""
    return v2.Compose(
        [
            v2.RandomAffine(
                degrees=config.rotation_degrees,
                # In parts of the surrounding, which is twice the crop.
                translate=(config.shift / 2, config.shift / 2),
                scale=(config.scale[0], config.scale[1]),
                interpolation=v2.InterpolationMode.BILINEAR,
            ),
            v2.CenterCrop(side_px),
            v2.RandomHorizontalFlip(),
            RandomGamma(*config.gamma),
        ]
    )
