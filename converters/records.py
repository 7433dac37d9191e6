"""What a data set says, before it becomes COCO: table rows, views, lesions, and what was odd."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
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
        """The letter of the site and scanner."""
        return self.case_id[0]

    @property
    def breast_id(self) -> str:
        """Case and side."""
        return f"{self.case_id}_{self.side}"


@dataclass(frozen=True)
class Lesion:
    """One outlined lesion, in pixels of the image as stored."""

    bbox_xywh: tuple[int, int, int, int]
    """The outline's last pixel is inside: width = max - min + 1."""
    area_px: int
    """Pixels of the filled outline."""
    polygon_xy: tuple[tuple[int, int], ...]
    """The filled outline's border."""
    label: str
    """Benign or Cancer."""
    pathology_source: str
    """`overlay` where the lesion's own pathology is known, else `case`."""
    mask_file: str
    lesion_type: str | None = None
    assessment: int | None = None
    subtlety: int | None = None


@dataclass(frozen=True)
class View:
    """One image file that was found and read, with its lesions."""

    row: TableRow
    file_name: str
    """As found on disk, relative to the data set's root, with forward slashes."""
    height_px: int
    width_px: int
    content_hash: str
    """Of the decoded pixels: equal for the same film under two names."""
    lesions: tuple[Lesion, ...]

    @property
    def label(self) -> str:
        """The worst lesion's label, or Normal."""
        labels = {lesion.label for lesion in self.lesions}
        return next((label for label in ("Cancer", "Benign") if label in labels), "Normal")


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
    NAME_MATCHED_IGNORING_CASE = "name_matched_ignoring_case"
    STRAY_FILE = "stray_file"
    OVERLAY_UNREADABLE = "overlay_unreadable"
    OVERLAY_UNMATCHED = "overlay_unmatched"
    OVERLAY_DISAGREES_WITH_CASE = "overlay_disagrees_with_case"
    ROW_UNUSABLE = "row_unusable"


@dataclass(frozen=True)
class Finding:
    """One odd thing about one file."""

    kind: FindingKind
    file: str
    detail: str
