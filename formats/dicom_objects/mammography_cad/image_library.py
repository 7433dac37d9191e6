"""The images that a CAD report speaks of (TID 4020)."""

from pydicom import Dataset
from pydicom.sr.coding import Code

from formats.dicom_objects.content_items import (
    ACQUISITION_CONTEXT,
    CONCEPT_MODIFIER,
    CONTAINS,
    code_item,
    date_item,
    image_item,
    number_item,
    text_item,
    time_item,
)
from formats.dicom_objects.mammography_cad import codes
from formats.dicom_objects.mammography_cad.context_groups import CONTEXT_GROUPS

LATERALITIES = {
    "L": codes.LEFT_BREAST,
    "R": codes.RIGHT_BREAST,
    "B": codes.BOTH_BREASTS,
}
VIEW_POSITIONS = {
    "ML": "399260004",
    "MLO": "399368009",
    "LM": "399352003",
    "LMO": "399099002",
    "CC": "399162004",
    "FB": "399196006",
    "SIO": "399188001",
    "ISO": "441555000",
    "XCCL": "399192008",
    "XCCM": "399101009",
}


def image_library_entry(image: Dataset) -> Dataset:
    """Return the entry of an image, with all of TID 4020 that its header gives."""
    children = [
        *_laterality(image),
        *_view(image),
        *_orientation(image),
        *_dates(image),
        *_spacing(image),
    ]
    return image_item(CONTAINS, image.SOPClassUID, image.SOPInstanceUID, children)


def _laterality(image: Dataset) -> list[Dataset]:
    side = LATERALITIES.get(str(image.get("ImageLaterality") or image.get("Laterality")))
    if side is None:
        return []
    return [code_item(ACQUISITION_CONTEXT, codes.IMAGE_LATERALITY, side)]


def _view(image: Dataset) -> list[Dataset]:
    view = view_of(image)
    if view is None:
        return []
    given = (image.get("ViewCodeSequence") or [Dataset()])[0]
    modifiers = [
        code_item(CONCEPT_MODIFIER, codes.IMAGE_VIEW_MODIFIER, _code(item))
        for item in given.get("ViewModifierCodeSequence") or []
    ]
    return [code_item(ACQUISITION_CONTEXT, codes.IMAGE_VIEW, view, modifiers)]


def view_of(image: Dataset) -> Code | None:
    """Return an image's view by its code, else by its view position; one of CID 4014."""
    given = (image.get("ViewCodeSequence") or [Dataset()])[0]
    position = VIEW_POSITIONS.get(str(image.get("ViewPosition")), "")
    wanted = (_code(given), Code(position, "SCT", ""))
    return next((view for code in wanted for view in CONTEXT_GROUPS["4014"] if view == code), None)


def _code(item: Dataset) -> Code:
    """Return an item of a code sequence; pydicom holds SNOMED RT and CT codes for equal."""
    scheme = str(item.get("CodingSchemeDesignator", ""))
    meaning = str(item.get("CodeMeaning", ""))
    return Code(str(item.get("CodeValue", "")), "SRT" if scheme == "SNM3" else scheme, meaning)


def _orientation(image: Dataset) -> list[Dataset]:
    names = (codes.ORIENTATION_ROW, codes.ORIENTATION_COLUMN)
    return [
        text_item(ACQUISITION_CONTEXT, name, str(value))
        for name, value in zip(names, image.get("PatientOrientation") or [], strict=False)
    ]


def _dates(image: Dataset) -> list[Dataset]:
    moments = (
        ("StudyDate", codes.STUDY_DATE, date_item),
        ("StudyTime", codes.STUDY_TIME, time_item),
        ("ContentDate", codes.CONTENT_DATE, date_item),
        ("ContentTime", codes.CONTENT_TIME, time_item),
    )
    return [
        make(ACQUISITION_CONTEXT, name, str(image.get(keyword)))
        for keyword, name, make in moments
        if image.get(keyword)
    ]


def _spacing(image: Dataset) -> list[Dataset]:
    spacing_mm = image.get("ImagerPixelSpacing") or image.get("PixelSpacing")
    if not spacing_mm:
        return []
    y_mm, x_mm = (float(number) for number in spacing_mm)
    return [
        number_item(ACQUISITION_CONTEXT, codes.HORIZONTAL_SPACING, x_mm, codes.MILLIMETRE),
        number_item(ACQUISITION_CONTEXT, codes.VERTICAL_SPACING, y_mm, codes.MILLIMETRE),
    ]
