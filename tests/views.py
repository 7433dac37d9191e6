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
    return TableRow(
        image_file=f"{name}.jpg",
        case_id=case_id,
        side=side,
        view=view,
        status=status,
        mask_files=mask_files,
        age_years=age_years,
        density=2,
    )


def make_lesion(label: str, source: str = "overlay") -> Lesion:
    """Make a lesion of 20 x 30 pixels."""
    polygon = np.array([[10, 40], [29, 40], [29, 69], [10, 69]], np.int32)
    return Lesion(
        bbox_xywh=(10, 40, 20, 30),
        area_px=600,
        polygon_xy=polygon,
        label=label,
        pathology_source=source,
        mask_file="mask.jpg",
    )


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
    return View(
        row=row,
        file_name=row.image_file,
        height_px=240,
        width_px=160,
        content_id=content_id,
        lesions=tuple(lesions),
        is_sibling_marked=is_sibling_marked,
    )
