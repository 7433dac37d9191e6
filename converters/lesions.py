"""A view's masks and its `.OVERLAY` -> its lesions."""

from collections.abc import Sequence
from typing import NamedTuple

from converters.ddsm_files.disk import DiskIndex
from converters.ddsm_files.ics import ScanSize
from converters.ddsm_files.mask_files import read_mask
from converters.ddsm_files.outlines import Region, lesion_region
from converters.ddsm_files.overlay import Abnormality, parse_overlay
from converters.lesion_matching import match_abnormalities
from converters.notes import Notes, find_noting
from converters.records import FindingKind, Lesion, TableRow
from formats.errors import InputError

OVERLAY_SUFFIX = ".OVERLAY"
# DDSM's text files are ASCII; this encoding reads anything else too.
TEXT_ENCODING = "latin-1"


class _Outlined(NamedTuple):
    mask_file: str
    region: Region


def read_lesions(
    row: TableRow,
    film_file: str,
    shape_hw: tuple[int, int],
    scan: ScanSize | None,
    disk: DiskIndex,
    notes: Notes,
) -> tuple[Lesion, ...]:
    """Read every mask that the table names for a view, and what its OVERLAY says of each lesion.

    Args:
        row: The view.
        film_file: Its film as found on disk; the OVERLAY lies beside it.
        shape_hw: The film's height and width in pixels.
        scan: The original scan's size, where known.
        disk: The files of the data set.
        notes: Takes what is odd. A mask that cannot be used is noted and gives no lesion.
    """
    outlined = [
        _Outlined(mask_file, region)
        for wanted in row.mask_files
        if (mask_file := find_noting(wanted, disk, notes, FindingKind.MASK_MISSING))
        and (region := _read_region(mask_file, shape_hw, disk, notes))
    ]
    abnormalities = _read_abnormalities(film_file, disk, notes)
    boxes_xywh = [region.bbox_xywh for _, region in outlined]
    matched = match_abnormalities(boxes_xywh, abnormalities, shape_hw, scan)
    _note_unmatched(outlined, abnormalities, matched, film_file, notes)
    lesions = [
        _lesion(row, *outline, abnormality, notes)
        for outline, abnormality in zip(outlined, matched, strict=True)
    ]
    return tuple(lesion for lesion in lesions if lesion is not None)


def _read_region(
    mask_file: str, shape_hw: tuple[int, int], disk: DiskIndex, notes: Notes
) -> Region | None:
    try:
        mask = read_mask(disk.path(mask_file))
        if mask.shape != shape_hw:
            size = f"{mask.shape[1]}x{mask.shape[0]}, the film {shape_hw[1]}x{shape_hw[0]} pixels"
            notes.add(FindingKind.MASK_OF_OTHER_SIZE, mask_file, size)
        region = lesion_region(mask, shape_hw)
    except InputError as error:
        notes.add_error(FindingKind.MASK_UNREADABLE, mask_file, error)
        return None
    if region is None:
        notes.add(FindingKind.MASK_EMPTY, mask_file, "nothing stands out from the background")
        return None
    for oddity, detail in region.oddities.items():
        notes.add(oddity, mask_file, detail)
    return region


def _read_abnormalities(film_file: str, disk: DiskIndex, notes: Notes) -> tuple[Abnormality, ...]:
    overlay_file = disk.find_beside(film_file, OVERLAY_SUFFIX)
    if overlay_file is None:
        return ()
    notes.used_files.add(overlay_file)
    try:
        text = disk.path(overlay_file).read_text(encoding=TEXT_ENCODING)
    except OSError as error:
        notes.add(FindingKind.OVERLAY_UNREADABLE, overlay_file, str(error.strerror))
        return ()
    overlay = parse_overlay(text)
    for problem in overlay.problems:
        notes.add(FindingKind.OVERLAY_UNREADABLE, overlay_file, problem)
    return overlay.abnormalities


def _note_unmatched(
    outlined: Sequence[_Outlined],
    abnormalities: Sequence[Abnormality],
    matched: Sequence[Abnormality | None],
    film_file: str,
    notes: Notes,
) -> None:
    kind = FindingKind.OVERLAY_UNMATCHED
    if not abnormalities:
        return
    for (mask_file, _), abnormality in zip(outlined, matched, strict=True):
        if abnormality is None:
            notes.add(kind, mask_file, "no abnormality of the OVERLAY lies where this lesion does")
    unused = len(abnormalities) - sum(abnormality is not None for abnormality in matched)
    if unused:
        notes.add(kind, film_file, f"{unused} of its OVERLAY's abnormalities without a lesion")


def _lesion(
    row: TableRow, mask_file: str, region: Region, abnormality: Abnormality | None, notes: Notes
) -> Lesion | None:
    """Label a region; None where neither the OVERLAY nor the case says what it is."""
    label = abnormality.label if abnormality is not None else None
    if row.status == "Normal":
        says = "nothing" if label is None else label
        detail = f"a lesion in a Normal case; its OVERLAY says {says}"
        notes.add(FindingKind.LESION_IN_NORMAL_CASE, mask_file, detail)
        if label is None:
            return None
    elif label not in (None, row.status):
        detail = f"{label} by its OVERLAY, {row.status} by its folder"
        notes.add(FindingKind.OVERLAY_DISAGREES_WITH_CASE, mask_file, detail)
    return Lesion(
        bbox_xywh=region.bbox_xywh,
        area_px=region.area_px,
        polygon_xy=region.polygon_xy,
        label=label or row.status,
        pathology_source="overlay" if label else "case",
        mask_file=mask_file,
        lesion_type=abnormality.lesion_type if abnormality else None,
        assessment=abnormality.assessment if abnormality else None,
        subtlety=abnormality.subtlety if abnormality else None,
    )
