"""Records made up for tests that need no files."""

from collections.abc import Sequence

import numpy as np

from converters.records import Lesion, TableRow, View


def make_row(
    case_id: str,
    status: str,
    side: str = "LEFT",
    view: str = "CC",
    masks: int = 0,
    age_years: float | None = 60.0,
) -> TableRow:
    """Make one row of the table."""
    name = f"{status}/{case_id[2:]}/{case_id}_1.{side}_{view}"
    mask_files = tuple(f"{name}_Mask{i}.jpg" for i in range(masks))
    return TableRow(f"{name}.jpg", case_id, side, view, status, mask_files, age_years, 2)


def make_lesion(label: str, source: str = "overlay") -> Lesion:
    """Make a lesion of 20 x 30 pixels."""
    polygon = np.array([[10, 40], [29, 40], [29, 69], [10, 69]], np.int32)
    return Lesion((10, 40, 20, 30), 600, polygon, label, source, "mask.jpg")


def make_view(
    case_id: str,
    status: str,
    side: str = "LEFT",
    view: str = "CC",
    lesions: Sequence[Lesion] = (),
    content_id: str | None = None,
    is_sibling_marked: bool | None = False,
) -> View:
    """Make a view whose table names as many masks as it has lesions."""
    row = make_row(case_id, status, side, view, masks=len(lesions))
    content_id = row.image_file if content_id is None else content_id
    return View(row, row.image_file, 240, 160, content_id, tuple(lesions), is_sibling_marked)
