"""The templates of the Mammography CAD SR as rows (PS3.16, 2026a), as far as reports use them.

Left out are the optional and conditional rows of what no `SingleImageFinding` describes: breast
composition and geometry, calcifications, image quality, composite features, temporal change,
follow-up, operating points. An item of theirs is a violation here, and a reason to add the row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydicom import Dataset
from pydicom.sr.coding import Code

from formats.dicom_objects.content_items import (
    ACQUISITION_CONTEXT,
    CONCEPT_MODIFIER,
    CONTAINS,
    INFERRED,
    PROPERTY,
    SELECTED,
)
from formats.dicom_objects.mammography_cad import codes
from formats.dicom_objects.mammography_cad.context_groups import (
    BREAST_COMPOSITION,
    BREAST_GEOMETRY,
    IMAGE_QUALITY,
    NIPPLE,
    NON_LESION,
    SELECTED_REGION,
)
from formats.dicom_objects.mammography_cad.image_library import view_of

Images = Mapping[str, Dataset]
Condition = Callable[[Dataset, Dataset | None], bool | None]
"""Of the parent, and of the image that it refers to where that is known: whether the row shall be
there, shall not (False), or may (None)."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a template."""

    name: str
    """Template and row, such as `TID 4006 row 7`."""
    relationship: str
    value_type: str
    """Empty for a reference to an image of the library."""
    concept: Code | None = None
    required: bool | Condition = False
    at_most: int | None = 1
    """None for any number."""
    values: tuple[Code, ...] | str = ()
    """Codes that may be the value, or the name of their context group in `CONTEXT_GROUPS`."""
    units: tuple[Code, ...] = ()
    range_of_values: tuple[float, float] | None = None
    graphic_types: tuple[str, ...] = ()
    children: tuple["Row", ...] = ()


def _image_has(keywords: Sequence[str]) -> Condition:
    """Require a row where the image has one of some attributes; else it may be there."""

    def condition(_: Dataset, image: Dataset | None) -> bool | None:
        has_one = image is not None and any(image.get(keyword) for keyword in keywords)
        return True if has_one else None

    return condition


def _image_has_view(_: Dataset, image: Dataset | None) -> bool | None:
    """Require the view where it is one of CID 4014, which the row's value has to be."""
    return True if image is not None and view_of(image) else None


def _parent_is(*values: Code) -> Condition:
    """Require a row for these values of the parent and forbid it for others."""

    def condition(parent: Dataset, _: Dataset | None) -> bool:
        return value_of(parent) in values

    return condition


def _parent_is_not(*values: Code) -> Condition:
    def condition(parent: Dataset, _: Dataset | None) -> bool:
        return value_of(parent) not in values

    return condition


def _optional_unless(*values: Code) -> Condition:
    def condition(parent: Dataset, _: Dataset | None) -> bool | None:
        return False if value_of(parent) in values else None

    return condition


def _has_finding(parent: Dataset, _: Dataset | None) -> bool:
    return value_of(parent) == codes.WITH_FINDINGS


def value_of(item: Dataset) -> Code | None:
    """Return the code that is an item's value."""
    sequence = item.get("ConceptCodeSequence")
    return as_code(sequence[0]) if sequence else None


def as_code(item: Dataset) -> Code:
    """Return an item of a code sequence."""
    return Code(item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning)


WITHOUT_PLACE = (BREAST_COMPOSITION, BREAST_GEOMETRY, IMAGE_QUALITY)


def _algorithm_rows() -> tuple[Row, ...]:
    """Return TID 4019."""
    return (
        Row(
            name="TID 4019 Algorithm Name",
            relationship=PROPERTY,
            value_type="TEXT",
            concept=codes.ALGORITHM_NAME,
            required=True,
        ),
        Row(
            name="TID 4019 Algorithm Version",
            relationship=PROPERTY,
            value_type="TEXT",
            concept=codes.ALGORITHM_VERSION,
            required=True,
        ),
        Row(
            name="TID 4019 Algorithm Parameters",
            relationship=PROPERTY,
            value_type="TEXT",
            concept=codes.ALGORITHM_PARAMETERS,
            at_most=None,
        ),
    )


def _percent_row(name: str, concept: Code, required: bool | Condition = False) -> Row:
    return Row(
        name=name,
        relationship=PROPERTY,
        value_type="NUM",
        concept=concept,
        required=required,
        units=(codes.PERCENT,),
        range_of_values=(0, 100),
    )


def _library_image_row(name: str, relationship: str, at_most: int | None = 1) -> Row:
    return Row(name=name, relationship=relationship, value_type="", required=True, at_most=at_most)


def _intent_row(name: str) -> Row:
    return Row(
        name=name,
        relationship=CONCEPT_MODIFIER,
        value_type="CODE",
        concept=codes.RENDERING_INTENT,
        required=True,
        values="6034",
    )


def _context_row(
    number: int, value_type: str, concept: Code, *keywords: str, **constraints: object
) -> Row:
    """Return a row of TID 4020, which says what an image's header says."""
    return Row(
        name=f"TID 4020 row {number}",
        relationship=ACQUISITION_CONTEXT,
        value_type=value_type,
        concept=concept,
        required=_image_has(keywords),
        **constraints,  # type: ignore[arg-type]
    )


SPACINGS = ("ImagerPixelSpacing", "PixelSpacing")
LENGTHS = (codes.MICROMETRE, codes.MILLIMETRE)
IMAGE_LIBRARY_ENTRY = Row(
    name="TID 4020 row 1",
    relationship=CONTAINS,
    value_type="IMAGE",
    required=True,
    at_most=None,
    children=(
        _context_row(2, "CODE", codes.IMAGE_LATERALITY, "ImageLaterality", values="6022"),
        Row(
            name="TID 4020 row 3",
            relationship=ACQUISITION_CONTEXT,
            value_type="CODE",
            concept=codes.IMAGE_VIEW,
            required=_image_has_view,
            values="4014",
            children=(
                Row(
                    name="TID 4020 row 4",
                    relationship=CONCEPT_MODIFIER,
                    value_type="CODE",
                    concept=codes.IMAGE_VIEW_MODIFIER,
                    at_most=None,
                ),
            ),
        ),
        _context_row(5, "TEXT", codes.ORIENTATION_ROW, "PatientOrientation"),
        _context_row(6, "TEXT", codes.ORIENTATION_COLUMN, "PatientOrientation"),
        _context_row(7, "DATE", codes.STUDY_DATE, "StudyDate"),
        _context_row(8, "TIME", codes.STUDY_TIME, "StudyTime"),
        _context_row(9, "DATE", codes.CONTENT_DATE, "ContentDate"),
        _context_row(10, "TIME", codes.CONTENT_TIME, "ContentTime"),
        _context_row(11, "NUM", codes.HORIZONTAL_SPACING, *SPACINGS, units=LENGTHS),
        _context_row(12, "NUM", codes.VERTICAL_SPACING, *SPACINGS, units=LENGTHS),
    ),
)
GEOMETRY = (
    Row(
        name="TID 4021 row 1",
        relationship=PROPERTY,
        value_type="SCOORD",
        concept=codes.CENTRE,
        required=_parent_is_not(*WITHOUT_PLACE),
        graphic_types=("POINT",),
        children=(_library_image_row("TID 4021 row 2", SELECTED),),
    ),
    Row(
        name="TID 4021 row 3",
        relationship=PROPERTY,
        value_type="SCOORD",
        concept=codes.OUTLINE,
        required=_optional_unless(*WITHOUT_PLACE),
        graphic_types=("POLYLINE", "CIRCLE", "ELLIPSE"),
        children=(_library_image_row("TID 4021 row 4", SELECTED),),
    ),
)
SINGLE_IMAGE_FINDING = Row(
    name="TID 4006 row 1",
    relationship=CONTAINS,
    value_type="CODE",
    concept=codes.SINGLE_IMAGE_FINDING,
    required=True,
    at_most=None,
    values="6014",
    children=(
        _intent_row("TID 4006 row 2"),
        *_algorithm_rows(),
        _percent_row("TID 4006 row 6", codes.CERTAINTY_OF_FINDING),
        _percent_row(
            "TID 4006 row 7",
            codes.PROBABILITY_OF_CANCER,
            _optional_unless(*WITHOUT_PLACE, NIPPLE, SELECTED_REGION, NON_LESION),
        ),
        *GEOMETRY,
    ),
)
OVERALL_IMPRESSION = Row(
    name="TID 4001 row 1",
    relationship=CONTAINS,
    value_type="CODE",
    concept=codes.SUMMARY,
    required=True,
    values="6047",
    children=(
        Row(
            name="TID 4002 row 5",
            relationship=PROPERTY,
            value_type="TEXT",
            concept=codes.IMPRESSION_DESCRIPTION,
            required=True,
        ),
        *_algorithm_rows(),
        Row(
            name="TID 4003 row 1",
            relationship=INFERRED,
            value_type="CONTAINER",
            concept=codes.INDIVIDUAL_IMPRESSION,
            required=_has_finding,
            at_most=None,
            children=(_intent_row("TID 4003 row 2"), SINGLE_IMAGE_FINDING),
        ),
    ),
)


def _detections_row(name: str, concept: Code, *statuses: Code) -> Row:
    """Return one of the two lists of TID 4015, of detections (TID 4017)."""
    performed = Row(
        name="TID 4017 row 1",
        relationship=CONTAINS,
        value_type="CODE",
        concept=codes.DETECTION_PERFORMED,
        required=True,
        at_most=None,
        values="6014",
        children=(
            *_algorithm_rows(),
            _library_image_row("TID 4017 row 4", PROPERTY, at_most=None),
        ),
    )
    return Row(
        name=name,
        relationship=INFERRED,
        value_type="CONTAINER",
        concept=concept,
        required=_parent_is(*statuses),
        children=(performed,),
    )


ROOT = Row(
    name="TID 4000 row 1",
    relationship="",
    value_type="CONTAINER",
    concept=codes.REPORT,
    required=True,
    children=(
        Row(
            name="TID 1204 row 1",
            relationship=CONCEPT_MODIFIER,
            value_type="CODE",
            concept=codes.LANGUAGE,
            required=True,
        ),
        Row(
            name="TID 4000 row 3",
            relationship=CONTAINS,
            value_type="CONTAINER",
            concept=codes.IMAGE_LIBRARY,
            required=True,
            children=(IMAGE_LIBRARY_ENTRY,),
        ),
        OVERALL_IMPRESSION,
        Row(
            name="TID 4000 row 6",
            relationship=CONTAINS,
            value_type="CODE",
            concept=codes.SUMMARY_OF_DETECTIONS,
            required=True,
            values="6042",
            children=(
                _detections_row(
                    "TID 4015 row 1",
                    codes.SUCCESSFUL_DETECTIONS,
                    codes.SUCCEEDED,
                    codes.PARTIALLY_SUCCEEDED,
                ),
                _detections_row(
                    "TID 4015 row 3",
                    codes.FAILED_DETECTIONS,
                    codes.FAILED,
                    codes.PARTIALLY_SUCCEEDED,
                ),
            ),
        ),
        Row(
            name="TID 4000 row 8",
            relationship=CONTAINS,
            value_type="CODE",
            concept=codes.SUMMARY_OF_ANALYSES,
            required=True,
            values=(codes.NOT_ATTEMPTED,),
        ),
    ),
)
