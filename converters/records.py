"""What a data set says, before it becomes COCO: table rows, views, lesions, and what was odd."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from formats.labels import SEVERITY
from formats.site_letter import site_letter


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """One view as the data set's table describes it. Paths are relative, with forward slashes."""

    image_file: str
    case_id: str
    """Site letter and number, as in `C_0029`: numbers repeat across letters."""
    side: str
    view: str
    status: str
    """The patient's label (Normal, Benign or Cancer), not the view's."""
    mask_files: tuple[str, ...]
    age_years: float | None
    density: int | None

    @property
    def site(self) -> str:
        """The letter of the site and scanner; empty where the case's id has none."""
        return site_letter(self.case_id)

    @property
    def breast_id(self) -> str:
        """Case and side."""
        return f"{self.case_id}_{self.side}"


@dataclass(frozen=True, kw_only=True)
class Lesion:
    """One outlined lesion, in pixels of the image as stored."""

    bbox_xywh: tuple[int, int, int, int]
    """The outline's last pixel is inside: width = max - min + 1."""
    area_px: int
    """Pixels of the filled outline."""
    polygon_xy: np.ndarray = field(compare=False)
    """(N, 2) int32, the filled outline's border."""
    label: str
    """Benign or Cancer; Lesion where nobody says."""
    pathology_source: str
    """`overlay` where DDSM's own file names it, `annotation` where somebody else's does, else
    `case`."""
    mask_file: str
    lesion_type: str | None = None
    assessment: int | None = None
    subtlety: int | None = None


@dataclass(frozen=True, kw_only=True)
class View:
    """One image file that was found and read, with its lesions."""

    row: TableRow
    file_name: str
    """As found on disk, relative to the data set's root, with forward slashes."""
    height_px: int
    width_px: int
    content_id: str
    """Equal for the same file under two names: its length in bytes and, where another film is as
    long, the SHA-256 of its bytes. The same film encoded anew is another file."""
    lesions: tuple[Lesion, ...]
    is_sibling_marked: bool | None
    """Whether the table names a mask for the breast's other view; None without such a view."""

    @property
    def is_fully_read(self) -> bool:
        """Whether every mask that the table names gave a lesion; else the truth is not known."""
        return len(self.lesions) == len(self.row.mask_files)

    @property
    def label(self) -> str:
        """The worst lesion's label, or Normal."""
        labels = (lesion.label for lesion in self.lesions)
        return max(labels, key=SEVERITY.index, default=SEVERITY[0])


class FindingKind(StrEnum):
    """What can be odd about a data set; the value is the key in the quality report."""

    IMAGE_MISSING = "image_missing"
    IMAGE_UNREADABLE = "image_unreadable"
    MASK_MISSING = "mask_missing"
    MASK_UNREADABLE = "mask_unreadable"
    MASK_EMPTY = "mask_empty"
    MASK_OF_OTHER_SIZE = "mask_of_other_size"
    MASK_INVERTED = "mask_inverted"
    MASK_ALREADY_FILLED = "mask_already_filled"
    MASK_OUTLINE_OPEN = "mask_outline_open"
    MASK_IN_PIECES = "mask_in_pieces"
    NAME_MATCHED_IGNORING_CASE = "name_matched_ignoring_case"
    NAME_MATCHED_IGNORING_ENDING = "name_matched_ignoring_ending"
    FOUND_IN_OTHER_FOLDER = "found_in_other_folder"
    STRAY_FILE = "stray_file"
    FOLDER_UNREADABLE = "folder_unreadable"
    ICS_UNREADABLE = "ics_unreadable"
    OVERLAY_UNREADABLE = "overlay_unreadable"
    OVERLAY_UNMATCHED = "overlay_unmatched"
    OVERLAY_DISAGREES_WITH_CASE = "overlay_disagrees_with_case"
    ROW_UNUSABLE = "row_unusable"
    ROW_REPEATED = "row_repeated"
    TABLES_DISAGREE = "tables_disagree"
    AGE_MISSING = "age_missing"
    DENSITY_MISSING = "density_missing"
    LESION_IN_NORMAL_CASE = "lesion_in_normal_case"
    LABEL_UNKNOWN = "label_unknown"
    SIBLING_UNMARKED = "sibling_unmarked"
    OTHER_BREAST_UNMARKED = "other_breast_unmarked"
    FILM_REPEATED = "film_repeated"
    FILM_LOOKS_REPEATED = "film_looks_repeated"
    ANNOTATION_UNREADABLE = "annotation_unreadable"
    ANNOTATION_MISSING = "annotation_missing"
    LESION_LEFT_OUT = "lesion_left_out"
    LESION_WITHOUT_PLACE = "lesion_without_place"
    PATIENT_IN_TWO_PARTS = "patient_in_two_parts"
    FILM_IN_TWO_PARTS = "film_in_two_parts"


READ_FAILURES = frozenset(
    {
        FindingKind.IMAGE_MISSING,
        FindingKind.IMAGE_UNREADABLE,
        FindingKind.MASK_MISSING,
        FindingKind.MASK_UNREADABLE,
        FindingKind.MASK_EMPTY,
        FindingKind.FOLDER_UNREADABLE,
        FindingKind.ANNOTATION_UNREADABLE,
    }
)
"""An input that should have been there, whole, or should have held something."""


class Fate(StrEnum):
    """What becomes of a view whose label is in doubt."""

    KEPT_AS_NORMAL = "kept_as_normal"
    LEFT_OUT = "left_out"
    NOT_DECIDED = "not_decided"
    """Only the table was read."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One odd thing about one file."""

    kind: FindingKind
    file: str
    detail: str
    fate: Fate | None = None
    """Of a doubtful view; None of anything else."""
