"""Named scores from which on a box counts as found, read off a validation part and looked up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.boxes.froc import IOU_50, match_by
from evaluation.boxes.matching import UNMATCHED, hits
from evaluation.rows import LesionRows, detection_rows
from formats.errors import InputError
from formats.results import ImageResult

FALSE_POSITIVES_PER_IMAGE = {"balanced": 0.5, "sensitive": 1.0}
# As far as anybody looks: each further step changes little.
CURVE_RATES = np.arange(0, 4.01, 0.05)


@dataclass(frozen=True, kw_only=True)
class OperatingPoint:
    """A lowest score that counts as found, and what it means on the validation part."""

    score: float
    sensitivity: float
    false_positives_per_image: float


@dataclass(frozen=True, kw_only=True)
class MatchedScores:
    """The boxes of a data set by what they are on; those on crowd regions play no part."""

    on_lesions: np.ndarray
    """(H,) scores of the boxes that find a lesion, one a lesion at most."""
    elsewhere: np.ndarray
    """(F,) scores of the false positives."""
    lesion_count: int
    image_count: int


def match_scores(lesions: LesionRows, images: Sequence[ImageResult]) -> MatchedScores:
    """Match the boxes of one result a view to the lesions, as the evaluation does at IoU 0.5."""
    detections = detection_rows(images)
    match = match_by(IOU_50, detections, lesions)
    return MatchedScores(
        on_lesions=detections.score[hits(match, lesions)],
        elsewhere=detections.score[match == UNMATCHED],
        lesion_count=int((~lesions.is_crowd).sum()),
        image_count=len(images),
    )


def operating_points(scores: MatchedScores) -> dict[str, OperatingPoint]:
    """Return the point of each named rate of false positives."""
    return {name: operating_point(scores, rate) for name, rate in FALSE_POSITIVES_PER_IMAGE.items()}


def operating_curve(scores: MatchedScores) -> list[OperatingPoint]:
    """Return what each lowest score means on the validation part, from few boxes to many."""
    points = [operating_point(scores, float(rate)) for rate in CURVE_RATES]
    return [
        point
        for point, before in zip(points, [None, *points], strict=False)
        if before is None or point.score < before.score
    ]


def operating_point(scores: MatchedScores, false_positives_per_image: float) -> OperatingPoint:
    """Find the lowest score that keeps at most so many false positives an image."""
    falling = -np.sort(-scores.elsewhere)
    allowed = int(false_positives_per_image * scores.image_count)
    # Just above the first false positive too many.
    score = float(np.nextafter(falling[allowed], 1.0)) if allowed < len(falling) else 0.0
    return OperatingPoint(
        score=score,
        sensitivity=float((scores.on_lesions >= score).sum() / scores.lesion_count),
        false_positives_per_image=float((falling >= score).sum() / scores.image_count),
    )


def operating_score(points: Mapping[str, float], name: str) -> float:
    """Return the lowest score that counts as found at a named operating point.

    Raises:
        InputError: there is no such point.
    """
    if not points:
        raise InputError(
            "the checkpoints have no operating points of their own; run `mammo calibrate` on them"
        )
    if name not in points:
        raise InputError(
            f"operating point '{name}' is not in the checkpoint's {sorted(points)}; "
            "name one of these"
        )
    return points[name]
