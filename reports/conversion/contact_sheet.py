"""Films with outlines and boxes: each kind of oddity first, then some of each label."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from converters.quality.report import MEANINGS
from converters.records import Finding, FindingKind, View
from formats.errors import InputError
from formats.film_reading.reader import read_grey
from formats.geometry.boxes import xywh_to_xyxy
from formats.labels import LABELS
from reports.films.film_drawing import draw_box, draw_outline, shown_film
from reports.page_pictures import Picture, jpeg_address

PICTURE_SIDE_PX = 360
LINE_WIDTH_PX = 2
FILMS_OF_LABEL = 6
# What no film shows.
UNSEEN_KINDS = frozenset({FindingKind.AGE_MISSING, FindingKind.DENSITY_MISSING})


def draw_contact_sheet(
    views: Sequence[View], findings: Sequence[Finding], root: Path
) -> list[Picture]:
    """Draw a film for each kind of oddity that a film shows, then some of each label.

    Args:
        views: all that were read.
        findings: what was odd.
        root: the folder of the films.

    Returns:
        The pictures; a film that cannot be decoded is left out.
    """
    chosen = [*odd_views(views, findings), *ordinary_views(views)]
    pictures = (_picture(view, caption, root) for view, caption in chosen)
    return [picture for picture in pictures if picture is not None]


def odd_views(views: Sequence[View], findings: Sequence[Finding]) -> Iterator[tuple[View, str]]:
    """Yield the first view of each kind of oddity, and what is odd."""
    view_of_file = {file: view for view in views for file in _files(view)}
    for kind in FindingKind:
        of_kind = [f for f in findings if f.kind == kind and f.file in view_of_file]
        if of_kind and kind not in UNSEEN_KINDS:
            yield view_of_file[of_kind[0].file], f"{MEANINGS[kind]}: {of_kind[0].detail}"


def ordinary_views(views: Sequence[View]) -> Iterator[tuple[View, str]]:
    """Yield a view each of some patients of each label."""
    for label in LABELS:
        first_of_case: dict[str, View] = {}
        for view in views:
            if view.label == label and view.is_fully_read:
                first_of_case.setdefault(view.row.case_id, view)
        for view in list(first_of_case.values())[:FILMS_OF_LABEL]:
            yield view, label


def _files(view: View) -> set[str]:
    masks = {lesion.mask_file for lesion in view.lesions}
    return {view.file_name, view.row.image_file, *view.row.mask_files, *masks}


def _picture(view: View, caption: str, root: Path) -> Picture | None:
    try:
        film = read_grey(root / view.file_name)
    except InputError:
        return None
    whole = (0, 0, film.shape[1], film.shape[0])
    picture, scale = shown_film(film, whole, PICTURE_SIDE_PX)
    for lesion in view.lesions:
        draw_outline(picture, lesion.polygon_xy * scale, lesion.label, 1)
        box = xywh_to_xyxy(np.array([lesion.bbox_xywh], dtype=np.float64))[0] * scale
        draw_box(picture, box, lesion.label, LINE_WIDTH_PX, is_dashed=False)
    return Picture(address=jpeg_address(picture), file_name=view.file_name, caption=caption)
