"""Windows of an enlarged film, for learning at full resolution in the time of a small image."""

import torch
from torch import Tensor, nn
from torchvision import tv_tensors
from torchvision.transforms.v2 import functional as F  # noqa: N812

from detector.crowds import CROWD_LABEL

# A lesion of which the window shows less, of what it could show, is none to be found there.
MIN_VISIBLE_SHARE = 0.5


class RandomChip(nn.Module):
    """Cuts a square window out of an image, most of them around a lesion.

    A lesion takes a fiftieth of a film, so a window around it holds all that there is to learn of
    it. The network is convolutional: what it learns on windows holds for whole films.

    Source: Singh, Najibi and Davis, "SNIPER: Efficient Multi-Scale Training", NeurIPS 2018.
    """

    def __init__(self, side_px: int, lesion_share: float) -> None:
        """Set the window's side and the share of windows that are put around a lesion."""
        super().__init__()
        self._side_px = side_px
        self._lesion_share = lesion_share

    def forward(
        self, image: Tensor, target: dict[str, Tensor]
    ) -> tuple[tv_tensors.Image, dict[str, Tensor]]:
        """Cut a window out of a (1, S, S) image and take the boxes and labels along.

        Whatever is in view of a crowd region stays one.
        """
        boxes_xyxy = target["boxes"].as_subclass(Tensor)
        is_crowd = target["labels"] == CROWD_LABEL
        top, left = self._corner(boxes_xyxy[~is_crowd], image.shape[-1])
        shown = boxes_xyxy - torch.tensor([left, top, left, top], dtype=boxes_xyxy.dtype)
        clipped = shown.clamp(0, self._side_px)
        showable = _sides(shown).clamp(max=self._side_px).prod(dim=1)
        visible = _sides(clipped).prod(dim=1)
        kept = torch.where(is_crowd, visible > 0, visible >= MIN_VISIBLE_SHARE * showable)
        canvas = (self._side_px, self._side_px)
        return tv_tensors.Image(F.crop(image, top, left, *canvas)), {
            "boxes": tv_tensors.BoundingBoxes(clipped[kept], format="XYXY", canvas_size=canvas),
            "labels": target["labels"][kept],
        }

    def _corner(self, boxes_xyxy: Tensor, image_side_px: int) -> tuple[int, int]:
        """Draw the window's top and left."""
        furthest = image_side_px - self._side_px
        if len(boxes_xyxy) and torch.rand(()) < self._lesion_share:
            chosen = boxes_xyxy[torch.randint(len(boxes_xyxy), ())]
            # Between these corners the whole box is in view, or all of the view is box.
            ends = torch.stack([chosen[2:] - self._side_px, chosen[:2]]).clamp(0, furthest)
            corner = ends[0] + torch.rand(2) * (ends[1] - ends[0])
        else:
            corner = torch.rand(2) * furthest
        left, top = corner.round().int().tolist()
        return top, left


def _sides(boxes_xyxy: Tensor) -> Tensor:
    return boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
