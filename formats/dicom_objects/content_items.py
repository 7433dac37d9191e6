"""Content items of structured reports, those by reference included, as plain data sets."""

from collections.abc import Sequence

from pydicom import Dataset
from pydicom.sr.coding import Code
from pydicom.valuerep import format_number_as_ds

CONTAINS = "CONTAINS"
PROPERTY = "HAS PROPERTIES"
CONCEPT_MODIFIER = "HAS CONCEPT MOD"
ACQUISITION_CONTEXT = "HAS ACQ CONTEXT"
INFERRED = "INFERRED FROM"
SELECTED = "SELECTED FROM"


def coded(code: Code) -> Dataset:
    """Return a code as the item of a code sequence."""
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item


def container(
    relationship: str | None, name: Code, children: Sequence[Dataset], template_id: str = ""
) -> Dataset:
    """Return a CONTAINER; the root has no relationship, and says by which template it is made."""
    item = _item(relationship, "CONTAINER", name, children)
    item.ContinuityOfContent = "SEPARATE"
    if template_id:
        template = Dataset()
        template.MappingResource = "DCMR"
        template.TemplateIdentifier = template_id
        item.ContentTemplateSequence = [template]
    return item


def code_item(
    relationship: str, name: Code, value: Code, children: Sequence[Dataset] = ()
) -> Dataset:
    """Return a CODE."""
    item = _item(relationship, "CODE", name, children)
    item.ConceptCodeSequence = [coded(value)]
    return item


def text_item(relationship: str, name: Code, value: str) -> Dataset:
    """Return a TEXT."""
    item = _item(relationship, "TEXT", name)
    item.TextValue = value
    return item


def date_item(relationship: str, name: Code, value: str) -> Dataset:
    """Return a DATE, as DICOM writes it."""
    item = _item(relationship, "DATE", name)
    item.Date = value
    return item


def time_item(relationship: str, name: Code, value: str) -> Dataset:
    """Return a TIME, as DICOM writes it."""
    item = _item(relationship, "TIME", name)
    item.Time = value
    return item


def number_item(relationship: str, name: Code, value: float, unit: Code) -> Dataset:
    """Return a NUM with its unit."""
    item = _item(relationship, "NUM", name)
    measured = Dataset()
    measured.NumericValue = format_number_as_ds(value)
    measured.MeasurementUnitsCodeSequence = [coded(unit)]
    item.MeasuredValueSequence = [measured]
    return item


def image_item(
    relationship: str, class_uid: str, instance_uid: str, children: Sequence[Dataset] = ()
) -> Dataset:
    """Return an IMAGE."""
    item = _item(relationship, "IMAGE", None, children)
    reference = Dataset()
    reference.ReferencedSOPClassUID = class_uid
    reference.ReferencedSOPInstanceUID = instance_uid
    item.ReferencedSOPSequence = [reference]
    return item


def place_item(
    relationship: str,
    name: Code,
    graphic_type: str,
    points_xy: Sequence[tuple[float, float]],
    children: Sequence[Dataset] = (),
) -> Dataset:
    """Return an SCOORD; points are in pixels, column first."""
    item = _item(relationship, "SCOORD", name, children)
    item.GraphicType = graphic_type
    item.GraphicData = [number for point in points_xy for number in point]
    return item


def reference_item(relationship: str, path: Sequence[int]) -> Dataset:
    """Return a reference to another item by its path: its place in each sequence, from 1."""
    item = Dataset()
    item.RelationshipType = relationship
    item.ReferencedContentItemIdentifier = list(path)
    return item


def _item(
    relationship: str | None, value_type: str, name: Code | None, children: Sequence[Dataset] = ()
) -> Dataset:
    item = Dataset()
    if relationship is not None:
        item.RelationshipType = relationship
    item.ValueType = value_type
    if name is not None:
        item.ConceptNameCodeSequence = [coded(name)]
    if children:
        item.ContentSequence = list(children)
    return item
