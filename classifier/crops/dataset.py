"""Lesions as training examples."""

from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset
from torchvision.transforms import v2

from classifier.crops.config import BACKGROUND, CropInput
from classifier.crops.cutting import cut_crops
from classifier.standardisation import standardise
from formats.coco import CocoDataset, CocoImage
from formats.errors import InputError
from formats.geometry.boxes import iou_xyxy, part_inside_xyxy, xywh_to_xyxy
from formats.labels import CATEGORY_NAMES
from formats.results import read_results
from training.examples.film_cache import FilmCache, PreparedFilm, PreparedFilms

# Training crops are cut with this much more around, so that turning them needs no invented pixels.
TRAINING_SURROUND = 2
# A detector's box takes the label of the lesion that it overlaps so much.
MIN_MATCH_IOU = 0.4
# A detector's box is background if it overlaps every lesion less, and lies less in any crowd.
MAX_BACKGROUND_IOU = 0.1
# Only a detector's best wrong boxes are worth learning from.
BACKGROUNDS_PER_VIEW = 4


@dataclass(frozen=True, kw_only=True)
class Example:
    """One box with its class."""

    image: CocoImage
    box_xyxy: tuple[float, float, float, float]
    class_index: int
    """Position in the class names."""

    @property
    def file_name(self) -> str:
        """Of the film, below the image root."""
        return self.image["file_name"]


class CropDataset(Dataset[tuple[Tensor, int]]):
    """Crops around boxes, cut once and kept on disk.

    An item is a standardised (3, S, S) float crop and its class index.
    """

    def __init__(
        self,
        examples: list[Example],
        image_root: Path,
        config: CropInput,
        film_cache: FilmCache,
        transforms: v2.Transform | None = None,
    ) -> None:
        """Cut every crop that the cache does not hold.

        Raises:
            InputError: there is no example, an image cannot be read, or its size is not the COCO
                file's.
        """
        if not examples:
            raise InputError(f"{image_root}: the COCO file has no lesion to learn from")
        self.examples = sorted(examples, key=lambda example: example.file_name)
        self._transforms = transforms
        surround = TRAINING_SURROUND if transforms is not None else 1
        by_film = [list(of_film) for _, of_film in groupby(self.examples, lambda e: e.file_name)]
        # All crops of a film are one entry, so that each film is read once.
        films = [_crops_of_film(of_film, image_root, config, surround) for of_film in by_film]
        self._crops_by_film = PreparedFilms(films, film_cache, "cutting crops")
        self._places = [
            (film, crop) for film, of_film in enumerate(by_film) for crop in range(len(of_film))
        ]

    def __len__(self) -> int:
        """Return the number of crops."""
        return len(self.examples)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return one crop, augmented where the data set was given transforms."""
        film, place = self._places[index]
        # A copy: torch takes no array that cannot be written to.
        crop = torch.from_numpy(np.array(self._crops_by_film[film][place]))[None]
        if self._transforms is not None:
            crop = self._transforms(crop)
        return standardise(crop), self.examples[index].class_index


def _crops_of_film(
    examples: list[Example], image_root: Path, config: CropInput, surround: int
) -> PreparedFilm:
    """Return what cuts the examples of one film, as (N, S, S) crops."""
    side_px = config.side_px * surround
    prepare = partial(
        cut_crops,
        boxes_xyxy=tuple(tuple(map(float, example.box_xyxy)) for example in examples),
        side_px=side_px,
        margin=config.margin * surround,
        shape=config.crop_shape,
    )
    return PreparedFilm(
        image=examples[0].image,
        image_root=image_root,
        prepare=prepare,
        shape=(len(examples), side_px, side_px),
    )


def lesion_examples(coco: CocoDataset, class_names: list[str]) -> list[Example]:
    """Return the true lesions of a data set; a crowd region is none."""
    images = {image["id"]: image for image in coco.images}
    lesions = [a for a in coco.annotations if not a["iscrowd"]]
    boxes = xywh_to_xyxy(np.array([a["bbox"] for a in lesions]))
    return [
        Example(
            image=images[a["image_id"]],
            box_xyxy=tuple(box.tolist()),
            class_index=class_names.index(CATEGORY_NAMES[a["category_id"]]),
        )
        for a, box in zip(lesions, boxes, strict=True)
    ]


def detected_examples(
    coco: CocoDataset, results_path: Path, class_names: list[str]
) -> list[Example]:
    """Return a detector's boxes on true lesions, each with the label of the lesion it overlaps.

    Raises:
        InputError: the results file cannot be read.
    """
    detected = _detected_boxes(results_path)
    examples = []
    for lesion in lesion_examples(coco, class_names):
        boxes = detected.get(lesion.file_name, np.empty((0, 4)))
        overlaps = iou_xyxy(boxes, np.array([lesion.box_xyxy]))[:, 0]
        examples += [
            replace(lesion, box_xyxy=tuple(box.tolist()))
            for box in boxes[overlaps >= MIN_MATCH_IOU]
        ]
    return examples


def background_examples(
    coco: CocoDataset, results_path: Path, class_names: list[str]
) -> list[Example]:
    """Return a detector's best boxes beside the true lesions, at most a few for each view.

    A box on a crowd region is left out: nobody knows what is in it.

    Raises:
        InputError: the results file cannot be read, or has no such box.
    """
    detected = _detected_boxes(results_path)
    annotations = coco.annotations_by_image()
    examples = []
    for image in coco.images:
        boxes = detected.get(image["file_name"], np.empty((0, 4)))
        lesions = xywh_to_xyxy(np.array([a["bbox"] for a in annotations[image["id"]]]))
        is_crowd = np.array([bool(a["iscrowd"]) for a in annotations[image["id"]]], dtype=bool)
        on_lesion = iou_xyxy(boxes, lesions[~is_crowd]).max(axis=1, initial=0.0)
        on_crowd = part_inside_xyxy(boxes, lesions[is_crowd]).max(axis=1, initial=0.0)
        is_beside = np.maximum(on_lesion, on_crowd) < MAX_BACKGROUND_IOU
        examples += [
            Example(
                image=image,
                box_xyxy=tuple(box.tolist()),
                class_index=class_names.index(BACKGROUND),
            )
            for box in boxes[is_beside][:BACKGROUNDS_PER_VIEW]
        ]
    if not examples:
        raise InputError(
            f"{results_path}: has no box beside the lesions of these images; predict on them"
        )
    return examples


def _detected_boxes(results_path: Path) -> dict[str, np.ndarray]:
    """Return (N, 4) xyxy boxes by file name, best first."""
    return {
        image.file_name: np.array([d.bbox_xyxy for d in image.detections]).reshape(-1, 4)
        for image in read_results(results_path).images
    }
