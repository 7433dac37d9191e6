"""Random changes of training images, boxes included."""

import torch
from torch import Tensor
from torchvision.transforms import v2

from detector.chips import RandomChip
from detector.config import DetectorAugmentation
from training.examples.gamma import RandomGamma

# A lesion of which less is left after a shift or zoom is no longer a lesion to be found.
MIN_BOX_SIDE_PX = 6


def detection_transforms(config: DetectorAugmentation) -> v2.Transform:
    """Return the augmentation of a (1, S, S) uint8 image with its boxes and labels."""
    chips = [RandomChip(config.chip_side_px, config.chip_lesion_share)]
    return v2.Compose(
        [
            v2.RandomHorizontalFlip(config.horizontal_flip),
            v2.RandomVerticalFlip(config.vertical_flip),
            v2.RandomAffine(
                degrees=config.rotation_degrees,
                translate=(config.shift, config.shift),
                scale=(config.scale[0], config.scale[1]),
                interpolation=v2.InterpolationMode.BILINEAR,
            ),
            v2.ClampBoundingBoxes(),
            v2.SanitizeBoundingBoxes(min_size=MIN_BOX_SIDE_PX),
            *(chips if config.chip_side_px else []),
            RandomGamma(*config.gamma),
        ]
    )


def to_network_input(image: Tensor) -> Tensor:
    """Turn a (1, S, S) uint8 image into the (3, S, S) float image of 0..1 that networks take."""
    return (image.to(torch.float32) / 255.0).expand(3, -1, -1)
