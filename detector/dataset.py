"""COCO files as training examples."""

from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset
from torchvision import tv_tensors
from torchvision.transforms import v2

from detector.config import DetectorInput
from detector.crowds import CROWD_LABEL
from detector.transforms import to_network_input
from formats.coco import CocoAnnotation, CocoDataset
from formats.errors import InputError
from formats.geometry.boxes import xywh_to_xyxy
from formats.geometry.letterbox import film_on_canvas, place
from training.examples.film_cache import FilmCache, PreparedFilm, PreparedFilms

Target = dict[str, Tensor]


class DetectionDataset(Dataset[tuple[Tensor, Target]]):
    """Squares with their boxes; the squares are kept on disk.

    An item is a (3, S, S) float image of 0..1 and a target of `boxes` (N, 4) xyxy in square pixels,
    `labels` (N,) from 1, `crowds` (M, 4) of regions that are neither lesion nor background, and
    `image_id`. Negatives have boxes of shape (0, 4).
    """

    def __init__(
        self,
        coco: CocoDataset,
        image_root: Path,
        input_config: DetectorInput,
        class_names: list[str],
        film_cache: FilmCache,
        transforms: v2.Transform | None = None,
    ) -> None:
        """Read every image that the cache does not hold.

        Raises:
            InputError: there is no image, one cannot be read, or its size is not the COCO file's.
        """
        if not coco.images:
            raise InputError(f"{image_root}: the COCO file lists no image; check its 'images'")
        self._ids = [image["id"] for image in coco.images]
        self.file_names = [image["file_name"] for image in coco.images]
        self._transforms = transforms
        annotations = coco.annotations_by_image()
        square_hw = (input_config.side_px, input_config.side_px)
        prepare = partial(film_on_canvas, canvas_shape_hw=square_hw, geometry=input_config.geometry)
        films = [
            PreparedFilm(image=image, image_root=image_root, prepare=prepare, shape=square_hw)
            for image in coco.images
        ]
        self._squares = PreparedFilms(films, film_cache, "reading images")
        self._boxes_xyxy: list[Tensor] = []
        self._labels: list[Tensor] = []
        for image in coco.images:
            marked = annotations[image["id"]]
            film_hw = image["height"], image["width"]
            placement = place(film_hw, square_hw, input_config.geometry)
            boxes = placement.to_canvas(xywh_to_xyxy(np.array([a["bbox"] for a in marked])))
            self._boxes_xyxy.append(torch.as_tensor(boxes, dtype=torch.float32))
            self._labels.append(class_indices(marked, class_names))

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._ids)

    def __getitem__(self, index: int) -> tuple[Tensor, Target]:
        """Return one example, augmented where the data set was given transforms."""
        # A copy: torch takes no array that cannot be written to.
        square = np.array(self._squares[index])
        image = tv_tensors.Image(torch.from_numpy(square)[None])
        boxes = tv_tensors.BoundingBoxes(
            self._boxes_xyxy[index], format="XYXY", canvas_size=square.shape
        )
        target = {"boxes": boxes, "labels": self._labels[index]}
        if self._transforms is not None:
            image, target = self._transforms(image, target)
        moved, labels = target["boxes"].as_subclass(Tensor), target["labels"]
        is_crowd = labels == CROWD_LABEL
        return to_network_input(image.as_subclass(Tensor)), {
            "boxes": moved[~is_crowd],
            "labels": labels[~is_crowd],
            "crowds": moved[is_crowd],
            "image_id": torch.tensor(self._ids[index]),
        }


def class_indices(annotations: list[CocoAnnotation], class_names: list[str]) -> Tensor:
    """Return (N,) network labels: from 1, where one class takes every lesion, or `CROWD_LABEL`."""
    names_class = len(class_names) > 1
    labels = [
        CROWD_LABEL if a["iscrowd"] else a["category_id"] if names_class else 1 for a in annotations
    ]
    return torch.tensor(labels, dtype=torch.int64)


def collate(batch: list[tuple[Tensor, Target]]) -> tuple[list[Tensor], list[Target]]:
    """Keep images and targets as lists: each image has its own number of boxes."""
    images, targets = zip(*batch, strict=True)
    return list(images), list(targets)
