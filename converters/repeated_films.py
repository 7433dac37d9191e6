"""Films that stand in a data set twice: the same file, or the same picture encoded anew."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

import cv2
import numpy as np

from converters.ddsm_files.disk import DiskIndex
from converters.records import Finding, FindingKind, View
from formats.errors import InputError
from formats.films import read_thumbnail

THUMBNAIL_SIDE_PX = 32
# Of one picture encoded twice, at any quality and depth, the thumbnails correlate above this;
# two films of different patients or dates stay below.
MIN_CORRELATION = 0.999


class Repeated(NamedTuple):
    """Two or more views with one picture."""

    views: tuple[View, ...]
    is_same_file: bool
    """Byte for byte; else the pictures agree."""

    def finding(self) -> Finding:
        """Say it."""
        kind = FindingKind.FILM_REPEATED if self.is_same_file else FindingKind.FILM_LOOKS_REPEATED
        first, *others = [view.file_name for view in self.views]
        return Finding(kind=kind, file=first, detail=f"also {', '.join(others)}")


def same_files(views: Iterable[View]) -> list[Repeated]:
    """Find the views whose files are the same byte for byte."""
    by_content: dict[str, list[View]] = defaultdict(list)
    for view in views:
        by_content[view.content_id].append(view)
    return [Repeated(tuple(same), True) for same in by_content.values() if len(same) > 1]


def same_pictures(views: Iterable[View], disk: DiskIndex) -> list[Repeated]:
    """Find different files with one picture, among different patients' films that could be.

    Only films of the same size, side, view and age are compared, since each comparison decodes two
    films: a copy that was resized, mirrored or given another age goes unseen.
    """
    candidates: dict[tuple[object, ...], list[View]] = defaultdict(list)
    for view in views:
        row = view.row
        key = (view.height_px, view.width_px, row.side, row.view, row.age_years)
        candidates[key].append(view)
    return [
        pair
        for alike in candidates.values()
        if len({view.row.case_id for view in alike}) > 1
        for pair in _pairs(alike, disk)
    ]


def _pairs(views: Sequence[View], disk: DiskIndex) -> list[Repeated]:
    thumbnails = [_normalised_thumbnail(view, disk) for view in views]
    pairs = []
    for (first, a), (second, b) in combinations(zip(views, thumbnails, strict=True), 2):
        is_other = first.row.case_id != second.row.case_id
        if is_other and first.content_id != second.content_id and (a * b).mean() > MIN_CORRELATION:
            pairs.append(Repeated((first, second), False))
    return pairs


def _normalised_thumbnail(view: View, disk: DiskIndex) -> np.ndarray:
    """Return (S, S) float64 of mean 0 and deviation 1; zeros where there is nothing to compare."""
    try:
        image = read_thumbnail(disk.path(view.file_name))
    except InputError:
        # It passed by its header; who decodes it will see. It resembles nothing.
        return np.zeros((THUMBNAIL_SIDE_PX, THUMBNAIL_SIDE_PX))
    side = (THUMBNAIL_SIDE_PX, THUMBNAIL_SIDE_PX)
    small = cv2.resize(image, side, interpolation=cv2.INTER_AREA).astype(np.float64)
    deviation = small.std()
    return (small - small.mean()) / deviation if deviation > 0 else np.zeros_like(small)
