"""One phantom patient: two breasts, four films and the files beside them."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from converters.ddsm_files.ics import ScanSize
from formats.film_reading.pictures import read_picture
from phantoms.anatomy import project
from phantoms.breast import Breast, opposite_breast, sample_breast
from phantoms.drawing import add_lesion
from phantoms.files import (
    MASK_COLUMNS,
    OutlinedLesion,
    sample_scan_size,
    write_ics,
    write_image,
    write_mask,
    write_overlay,
)
from phantoms.film import COMMON_STYLE, SITE_STYLES, FilmStyle, expose
from phantoms.lesions import PhantomLesion, sample_lesions
from phantoms.plan import CasePlan, Quirk

SIDES = ("LEFT", "RIGHT")
VIEWS = ("CC", "MLO")
HEIGHT_RANGE_PX = (760, 841)
ASPECT_RANGE = (0.56, 0.66)
BILATERAL_SHARE = 0.08
SECOND_LESION_SHARE = 0.06
MANY_LESIONS = 6
ONLY_MARKED_VIEW = "MLO"
# Mini-DDSM writes `-` for no first or second mask and leaves the later columns empty.
NO_MASK = ("-", "-", None, None, None, None)


@dataclass(frozen=True, kw_only=True)
class DrawnView:
    """One film and what a reader marked on it."""

    side: str
    view: str
    film: np.ndarray
    """(H, W) uint8."""
    marked: tuple[OutlinedLesion, ...]
    scan: ScanSize

    @property
    def name(self) -> str:
        """As in `LEFT_CC`."""
        return f"{self.side}_{self.view}"


def draw_case(plan: CasePlan, root: Path, seed: int, site_bias: bool) -> list[dict[str, object]]:
    """Draw one case and write its folder below the root.

    Returns:
        The table's rows of its four views.
    """
    rng = np.random.default_rng([seed, plan.index, 1])
    style = SITE_STYLES[plan.site] if site_bias else COMMON_STYLE
    views = list(_draw_views(rng, plan, style))
    folder = root / plan.folder
    folder.mkdir(parents=True)
    for view in views:
        _write_view(rng, plan, view, folder)
    if plan.has_ics:
        scans = {view.name: (view.scan, bool(view.marked)) for view in views}
        ics = folder / f"{plan.case_id.replace('_', '-')}-1.ics"
        write_ics(plan.case_id, plan.age_years, plan.density, scans, ics)
    if plan.quirk is Quirk.STRAY_FILES:
        _scatter_strays(folder)
    return [_table_row(plan, view) for view in views]


def _draw_views(rng: np.random.Generator, plan: CasePlan, style: FilmStyle) -> Iterator[DrawnView]:
    height_px = int(rng.integers(*HEIGHT_RANGE_PX))
    left = sample_breast(rng, height_px, plan.density)
    breasts = {"LEFT": left, "RIGHT": opposite_breast(rng, left)}
    malignant = _malignant_by_side(rng, plan)
    for side, breast in breasts.items():
        view_area_px = round(height_px**2 * sum(ASPECT_RANGE) / 2)
        lesions = sample_lesions(rng, breast, view_area_px, malignant[side])
        for view in VIEWS:
            shape_hw = (height_px, round(height_px * rng.uniform(*ASPECT_RANGE)))
            film, outlined = _draw_view(rng, breast, lesions, side, view, shape_hw, style)
            is_marked = plan.quirk is not Quirk.ONE_VIEW_MARKED or view == ONLY_MARKED_VIEW
            marked = tuple(outlined) if is_marked else ()
            yield DrawnView(
                side=side, view=view, film=film, marked=marked, scan=sample_scan_size(rng, shape_hw)
            )


def _malignant_by_side(rng: np.random.Generator, plan: CasePlan) -> dict[str, tuple[bool, ...]]:
    """Say for each breast which lesions it has: one entry each, true for a cancer."""
    if plan.status == "Normal":
        return dict.fromkeys(SIDES, ())
    worst_side, other_side = rng.permutation(SIDES)
    lesions = 1 + (plan.quirk is Quirk.SECOND_LESION or rng.uniform() < SECOND_LESION_SHARE)
    if plan.quirk is Quirk.MANY_LESIONS:
        lesions = MANY_LESIONS
    is_cancer = plan.status == "Cancer"
    has_other = plan.quirk is Quirk.BENIGN_OTHER_BREAST or rng.uniform() < BILATERAL_SHARE
    other_is_cancer = is_cancer and plan.quirk is not Quirk.BENIGN_OTHER_BREAST
    return {
        str(worst_side): (is_cancer,) * lesions,
        str(other_side): (other_is_cancer,) * has_other,
    }


def _draw_view(
    rng: np.random.Generator,
    breast: Breast,
    lesions: Sequence[PhantomLesion],
    side: str,
    view: str,
    shape_hw: tuple[int, int],
    style: FilmStyle,
) -> tuple[np.ndarray, list[OutlinedLesion]]:
    tissue = project(rng, breast, view, shape_hw)
    outlined = []
    for lesion in lesions:
        outline_xy = add_lesion(rng, tissue, breast, view, lesion)
        if side == "RIGHT":
            outline_xy[:, 0] = shape_hw[1] - 1 - outline_xy[:, 0]
        outlined.append(OutlinedLesion(lesion, outline_xy))
    return expose(rng, tissue.attenuation, side, view, style), outlined


def _write_view(rng: np.random.Generator, plan: CasePlan, view: DrawnView, folder: Path) -> None:
    stem = f"{plan.case_id}_1.{view.name}"
    write_image(view.film, folder / f"{stem}.jpg")
    shape_hw = view.film.shape
    for place, (_, outline_xy) in enumerate(view.marked):
        path = folder / f"{stem}_{_mask_ending(plan, place, on_disk=True)}.jpg"
        write_mask(rng, outline_xy, shape_hw, path)
    if view.marked:
        write_overlay(rng, view.marked, shape_hw, view.scan, folder / f"{stem}.OVERLAY")


def _mask_ending(plan: CasePlan, place: int, on_disk: bool) -> str:
    """Return `Mask`, `Mask2`... or, where table and disk disagree on case, `MASK2`..."""
    if place == 0:
        return "Mask"
    shouts_on_disk = plan.quirk is Quirk.MANY_LESIONS
    shouts_in_table = plan.quirk is Quirk.SECOND_LESION
    word = "MASK" if (shouts_on_disk if on_disk else shouts_in_table) else "Mask"
    return f"{word}{place + 1}"


def _table_row(plan: CasePlan, view: DrawnView) -> dict[str, object]:
    folder = plan.folder.replace("/", "\\")
    stem = f"{plan.case_id}_1.{view.name}"
    masks: list[str | None] = [
        f"{folder}\\{stem}_{_mask_ending(plan, place, on_disk=False)}.jpg"
        for place in range(len(view.marked))
    ]
    return {
        "fullPath": f"{folder}\\{stem}.jpg",
        "fileName": f"{stem}.jpg",
        "View": view.view,
        "Side": view.side,
        "Status": plan.status,
        "Age": None if plan.quirk is Quirk.MISSING_AGE else plan.age_years,
        "Density": 0 if plan.quirk is Quirk.DENSITY_ZERO else plan.density,
        **dict(zip(MASK_COLUMNS, (*masks, *NO_MASK[len(masks) :]), strict=True)),
    }


def _scatter_strays(folder: Path) -> None:
    """Leave files behind that no table names."""
    mask = min(folder.glob("*_Mask.jpg"))
    stem = mask.name.removesuffix("_Mask.jpg")
    shutil.copyfile(mask, folder / f"Mask_{stem}.jpg")
    shutil.copyfile(folder / f"{stem}.OVERLAY", folder / f"{stem}.OVERLAYu")
    write_image(read_picture(mask), folder / "BoundaryMask.png")
