"""A film's header beside what was found on it: what objects are made of."""

from dataclasses import dataclass

from pydicom import Dataset

from formats.results import Detection, ImageResult

Point = tuple[float, float]


@dataclass(frozen=True)
class FilmFindings:
    """One film of a study."""

    source: Dataset
    """Its header (`source.read_source`)."""
    result: ImageResult


def outline_xy(detection: Detection) -> tuple[Point, ...]:
    """Return the closed outline of a box in pixels, column first."""
    x1, y1, x2, y2 = detection.bbox_xyxy
    return ((x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1))


def centre_xy(detection: Detection) -> Point:
    """Return the middle of a box in pixels, column first."""
    x1, y1, x2, y2 = detection.bbox_xyxy
    return (x1 + x2) / 2, (y1 + y2) / 2


def percent(share: float) -> float:
    """Return a share as percent, to two digits."""
    return round(100 * min(max(share, 0.0), 1.0), 2)


def caption(detection: Detection) -> str:
    """Return what a person reads beside a box."""
    probability = percent(detection.label_scores[detection.label])
    words = f"{detection.label} {probability:.0f}%, score {detection.score:.2f}"
    if detection.size_mm is None:
        return words
    return f"{words}, {detection.size_mm[0]:.1f} x {detection.size_mm[1]:.1f} mm"


def side_of(source: Dataset) -> str:
    """Return L or R, the side of the breast on a film; empty where its header names none."""
    side = str(source.get("ImageLaterality") or source.get("Laterality") or "")
    return side if side in ("L", "R") else ""
