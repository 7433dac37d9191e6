"""Films that stand in a data set twice: the same file, or the same picture encoded anew."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from converters.ddsm_files.disk import DiskIndex
from converters.records import Finding, FindingKind, View
from formats.errors import InputError
from formats.film_reading.reader import read_thumbnail

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


def shared_lengths(file_names: Iterable[str], disk: DiskIndex) -> frozenset[int]:
    """Return the lengths in bytes that several of the files have."""
    lengths = Counter(disk.sizes_bytes[file_name] for file_name in file_names)
    return frozenset(length for length, count in lengths.items() if count > 1)


def content_id(file_name: str, disk: DiskIndex, repeated_lengths: frozenset[int]) -> str:
    """Return what is equal for the same file under two names.

    Args:
        file_name: as listed.
        disk: the files of the data set.
        repeated_lengths: as `shared_lengths` gives them.

    Raises:
        InputError: the file cannot be read.
    """
    length = disk.sizes_bytes[file_name]
    # Files of different lengths differ, so that most films need not be read through.
    if length not in repeated_lengths:
        return str(length)
    try:
        with disk.path(file_name).open("rb") as file:
            return f"{length}-{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        raise InputError(f"{file_name}: cannot be read ({error.strerror})") from error


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
    thumbnails = np.stack([_normalised_thumbnail(view, disk).ravel() for view in views])
    pairs = []
    for place, first in enumerate(views):
        # Each film against all that follow it.
        correlations = thumbnails[place + 1 :] @ thumbnails[place] / thumbnails.shape[1]
        for further in np.flatnonzero(correlations > MIN_CORRELATION).tolist():
            second = views[place + 1 + further]
            is_other = first.row.case_id != second.row.case_id
            if is_other and first.content_id != second.content_id:
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
