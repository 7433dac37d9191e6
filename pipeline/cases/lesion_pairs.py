"""Which boxes of a breast's CC and MLO views are likely the same lesion."""

from dataclasses import replace
from itertools import product

import numpy as np

from formats.case_results import LesionPair
from formats.geometry.breast_depth import breast_extent
from formats.results import Detection, ImageResult

# What the two views of one lesion typically differ by.
DEPTH_DIFFERENCE = 0.1
LOG_SIZE_DIFFERENCE = 0.4
CANCER_DIFFERENCE = 0.3
# Misfit, in these units, beyond which boxes are no pair.
MOST_MISFIT = 3.0


def with_depths(result: ImageResult, film: np.ndarray) -> ImageResult:
    """Return a result whose boxes know how deep they lie in the breast, where that is seen."""
    extent = breast_extent(film) if result.detections else None
    if extent is None:
        return result
    return replace(
        result,
        detections=[
            replace(d, depth=round(extent.depth((d.bbox_xyxy[0] + d.bbox_xyxy[2]) / 2), 4))
            for d in result.detections
        ],
    )


def lesion_pairs(cc: ImageResult, mlo: ImageResult) -> list[LesionPair]:
    """Pair boxes one to one, the best fitting first; those that fit none stay alone."""
    candidates = []
    for (i, of_cc), (j, of_mlo) in product(enumerate(cc.detections), enumerate(mlo.detections)):
        misfit = _misfit(of_cc, cc, of_mlo, mlo)
        if misfit is not None and misfit <= MOST_MISFIT:
            candidates.append((misfit, i, j))
    pairs: list[LesionPair] = []
    for misfit, i, j in sorted(candidates):
        if all(pair.cc != i and pair.mlo != j for pair in pairs):
            pairs.append(LesionPair(cc=i, mlo=j, misfit=round(misfit, 4)))
    return sorted(pairs, key=lambda pair: (pair.cc, pair.mlo))


def _misfit(
    first: Detection, first_film: ImageResult, second: Detection, second_film: ImageResult
) -> float | None:
    """Return how unlike two boxes are in depth, size and kind; None where a depth is unknown."""
    if first.depth is None or second.depth is None:
        return None
    sizes = [
        np.sqrt(_area(detection.bbox_xyxy) / (film.width * film.height))
        for detection, film in ((first, first_film), (second, second_film))
    ]
    differences = (
        (first.depth - second.depth) / DEPTH_DIFFERENCE,
        np.log(sizes[0] / sizes[1]) / LOG_SIZE_DIFFERENCE,
        (first.label_scores["Cancer"] - second.label_scores["Cancer"]) / CANCER_DIFFERENCE,
    )
    return float(np.linalg.norm(differences))


def _area(bbox_xyxy: tuple[float, float, float, float]) -> float:
    x1, y1, x2, y2 = bbox_xyxy
    return (x2 - x1) * (y2 - y1)
