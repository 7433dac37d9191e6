"""Whole views as training examples."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset
from torchvision.transforms import v2

from classifier.balance import thin
from classifier.standardisation import standardise
from classifier.whole_image.questions import Question
from formats.coco import CocoAnnotation, CocoDataset, CocoImage, require_pathology
from formats.errors import InputError
from formats.film_paths import film_path
from formats.films import read_grey
from formats.labels import CATEGORY_NAMES, LABELS
from formats.letterbox import Geometry, film_to_canvas
from formats.progress import with_progress


@dataclass(frozen=True)
class LabelledView:
    """One view with its class."""

    file_name: str
    class_index: int
    """Position in the question's class names."""


class WholeImageDataset(Dataset[tuple[Tensor, int]]):
    """Whole films on the network's canvas, read once and kept in memory, a byte a pixel.

    An item is a standardised (3, H, W) float image and its class index.
    """

    def __init__(
        self,
        views: Sequence[LabelledView],
        image_root: Path,
        size_px: tuple[int, int],
        transforms: v2.Transform | None = None,
    ) -> None:
        """Read every film onto a canvas of `size_px`, (height, width).

        Raises:
            InputError: an image cannot be read.
        """
        self.views = list(views)
        self._transforms = transforms
        self._canvases = np.empty((len(views), *size_px), dtype=np.uint8)
        for index, view in enumerate(with_progress(views, "reading images")):
            film = read_grey(film_path(image_root, view.file_name))
            self._canvases[index], _ = film_to_canvas(film, size_px, Geometry.letterbox)

    def __len__(self) -> int:
        """Return the number of views."""
        return len(self.views)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return one image, augmented where the data set was given transforms."""
        canvas = torch.from_numpy(self._canvases[index])[None]
        if self._transforms is not None:
            canvas = self._transforms(canvas)
        return standardise(canvas), self.views[index].class_index


def labelled_views(coco: CocoDataset, question: Question, coco_path: Path) -> list[LabelledView]:
    """Return the views that take part in a question.

    Raises:
        InputError: one of the question's classes has no view, or a label is unknown.
    """
    # A view's own label says enough, whatever is known of its lesions.
    require_pathology(coco.subset(i for i in coco.images if "label" not in i), coco_path)
    lesions = coco.annotations_by_image()
    labels = {image["file_name"]: view_label(image, lesions[image["id"]]) for image in coco.images}
    views = [
        LabelledView(file_name, question.class_of_label[label])
        for file_name, label in labels.items()
        if label in question.class_of_label
    ]
    counts = Counter(view.class_index for view in views)
    missing = [name for i, name in enumerate(question.class_names) if not counts[i]]
    if missing:
        raise InputError(f"{coco_path}: no view is {' or '.join(missing)}; each class needs some")
    return views


def view_label(image: CocoImage, lesions: Sequence[CocoAnnotation]) -> str:
    """Return a view's own label, or where it has none that of its worst lesion.

    Raises:
        InputError: its own label is none of the known ones.
    """
    label = image.get("label")
    if label is not None and label not in LABELS:
        raise InputError(f"{image['file_name']}: label '{label}' is none of {LABELS}; correct it")
    if label is not None:
        return label
    worst_category = max((lesion["category_id"] for lesion in lesions), default=0)
    return CATEGORY_NAMES.get(worst_category, "Normal")


def thin_normal(
    views: Sequence[LabelledView], question: Question, keep_one_in: int, seed: int
) -> list[LabelledView]:
    """Keep one normal view in so many, and all others."""
    normal_index = question.class_of_label.get("Normal")
    normal = [view for view in views if view.class_index == normal_index]
    kept = set(thin(normal, keep_one_in, seed))
    return [view for view in views if view.class_index != normal_index or view in kept]


def flips(horizontal: float, vertical: float) -> v2.Transform:
    """Return random mirroring with the given probabilities."""
    return v2.Compose([v2.RandomHorizontalFlip(horizontal), v2.RandomVerticalFlip(vertical)])
