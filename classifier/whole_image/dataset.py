"""Whole views as training examples."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset
from torchvision.transforms import v2

from classifier.balance import thin
from classifier.standardisation import standardise
from classifier.whole_image.config import WholeImageInput
from classifier.whole_image.questions import Question
from formats.coco import CocoDataset, CocoImage, require_pathology
from formats.errors import InputError
from formats.geometry.letterbox import film_on_canvas
from formats.view_label import view_label
from training.examples.film_cache import FilmCache, PreparedFilm, PreparedFilms


@dataclass(frozen=True)
class LabelledView:
    """One view with its class."""

    image: CocoImage
    class_index: int
    """Position in the question's class names."""

    @property
    def file_name(self) -> str:
        """Of the film, below the image root."""
        return self.image["file_name"]


class WholeImageDataset(Dataset[tuple[Tensor, int]]):
    """Whole films on the network's canvas, which are kept on disk, a byte a pixel.

    An item is a standardised (3, H, W) float image and its class index.
    """

    def __init__(
        self,
        views: Sequence[LabelledView],
        image_root: Path,
        config: WholeImageInput,
        film_cache: FilmCache,
        transforms: v2.Transform | None = None,
    ) -> None:
        """Read every film that the cache does not hold onto a canvas of the network's size.

        Raises:
            InputError: an image cannot be read, or its size is not the COCO file's.
        """
        self.views = list(views)
        self._transforms = transforms
        size_px = config.height_px, config.width_px
        prepare = partial(film_on_canvas, canvas_shape_hw=size_px, geometry=config.geometry)
        films = [
            PreparedFilm(image=view.image, image_root=image_root, prepare=prepare, shape=size_px)
            for view in views
        ]
        self._canvases = PreparedFilms(films, film_cache, "reading images")

    def __len__(self) -> int:
        """Return the number of views."""
        return len(self.views)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return one image, augmented where the data set was given transforms."""
        # A copy: torch takes no array that cannot be written to.
        canvas = torch.from_numpy(np.array(self._canvases[index]))[None]
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
    annotations = coco.annotations_by_image()
    labelled = ((image, view_label(image, annotations[image["id"]])) for image in coco.images)
    views = [
        LabelledView(image, question.class_of_label[label])
        for image, label in labelled
        if label in question.class_of_label
    ]
    counts = Counter(view.class_index for view in views)
    missing = [name for i, name in enumerate(question.class_names) if not counts[i]]
    if missing:
        raise InputError(f"{coco_path}: no view is {' or '.join(missing)}; each class needs some")
    return views


def thin_normal(
    views: Sequence[LabelledView], question: Question, keep_one_in: int, seed: int
) -> list[LabelledView]:
    """Keep one normal view in so many, and all others."""
    normal_index = question.class_of_label.get("Normal")
    normal = [view for view in views if view.class_index == normal_index]
    kept = {view.image["id"] for view in thin(normal, keep_one_in, seed)}
    return [view for view in views if view.class_index != normal_index or view.image["id"] in kept]


def flips(horizontal: float, vertical: float) -> v2.Transform:
    """Return random mirroring with the given probabilities."""
    return v2.Compose([v2.RandomHorizontalFlip(horizontal), v2.RandomVerticalFlip(vertical)])
