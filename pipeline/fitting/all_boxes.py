"""Every box that a method finds on the films of a data set, however little it scores."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from evaluation.rows import sorted_images
from formats.coco import CocoDataset
from formats.coco_films import read_listed_film
from formats.progress import with_progress
from formats.results import LOWEST_LISTED_SCORE, ImageResult
from pipeline.class_naming import ClassNamingDetector
from pipeline.two_stage import TwoStage

# Boxes are what is looked for; the labels of whole films play no part.
ANY_SCORE = 0.0

Predict = Callable[[np.ndarray, str], ImageResult]
"""A (H, W) film and its file name to its result."""


def predict_with_pair(model: TwoStage) -> Predict:
    """Return what lists all boxes of a pair."""
    return partial(model.predict, operating_score=ANY_SCORE, lowest_score=LOWEST_LISTED_SCORE)


def predict_with_class_naming(detector: ClassNamingDetector) -> Predict:
    """Return what lists all boxes of a detector that names the class itself."""
    return lambda film, name: detector.predict_batch([film], [name], ANY_SCORE)[0]


def predict_all(predict: Predict, dataset: CocoDataset, image_root: Path) -> list[ImageResult]:
    """Return a method's result for each image of a data set, in the order of evaluation's views.

    Raises:
        InputError: an image cannot be read or has another size than the data set says.
    """
    return [
        predict(read_listed_film(image, image_root), image["file_name"])
        for image in with_progress(sorted_images(dataset), "finding boxes")
    ]
