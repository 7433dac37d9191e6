"""Whether the content of a Mammography CAD SR follows its templates, row by row."""

from collections.abc import Iterator, Sequence

from pydicom import Dataset
from pydicom.sr.coding import Code

from formats.dicom_objects.mammography_cad.context_groups import CONTEXT_GROUPS
from formats.dicom_objects.mammography_cad.templates import (
    ROOT,
    Images,
    Row,
    as_code,
)

LIBRARY_PATH = [1, 2]


def template_violations(document: Dataset, images: Sequence[Dataset] = ()) -> list[str]:
    """Return a sentence for each breach of TID 4000 and what it includes; none is a good report.

    Checked are what is required and what is not allowed, conditions, numbers and order of items,
    relationships, value types, concepts with their meanings, values, units and ranges, and that
    references lead to an image of the library.

    Args:
        document: the report.
        images: the headers of its images, as far as they are at hand: some rows are required where
            an image has an attribute.
    """
    known = {image.SOPInstanceUID: image for image in images}
    template = (document.get("ContentTemplateSequence") or [Dataset()])[0]
    found = []
    if template.get("TemplateIdentifier") != "4000" or template.get("MappingResource") != "DCMR":
        found.append("the root is not marked as made by template 4000 of DCMR")
    return found + list(_Check(document, known).item(document, ROOT, "root"))


class _Check:
    """The document, which references lead into, and its images."""

    def __init__(self, document: Dataset, images: Images) -> None:
        self._document = document
        self._images = images

    def item(self, item: Dataset, row: Row, where: str) -> Iterator[str]:
        """Check an item that a row is meant for, and all below it."""
        if not row.value_type:
            yield from self._reference(item, row, where)
            return
        if item.get("ValueType") != row.value_type:
            yield f"{where}: {row.name} is a {row.value_type}, not {item.get('ValueType')}"
            return
        yield from _concept(item, row, where)
        yield from _value(item, row, where)
        yield from self._children(item, row, where)

    def _children(self, parent: Dataset, row: Row, where: str) -> Iterator[str]:
        rows = row.children
        counts = [0] * len(rows)
        position = 0
        for number, child in enumerate(parent.get("ContentSequence") or [], 1):
            here = f"{where}.{number}"
            index = next((i for i, below in enumerate(rows) if _is_meant_for(child, below)), None)
            if index is None:
                yield f"{here}: no row of the template under {row.name} allows {_say(child)}"
                continue
            if index < position:
                yield f"{here}: {rows[index].name} comes after {rows[position].name}"
            position = max(position, index)
            counts[index] += 1
            yield from self.item(child, rows[index], here)
        image = self._image_of(parent)
        for below, count in zip(rows, counts, strict=True):
            yield from _count(parent, image, below, count, where)

    def _reference(self, item: Dataset, row: Row, where: str) -> Iterator[str]:
        path = list(item.ReferencedContentItemIdentifier)
        target = self._document
        try:
            for step in path[1:]:
                target = target.ContentSequence[step - 1]
        except (AttributeError, IndexError):
            yield f"{where}: {row.name} refers to {path}, where nothing is"
            return
        if path[:2] != LIBRARY_PATH or target.get("ValueType") != "IMAGE":
            yield f"{where}: {row.name} refers to {path}, which is no image of the library"

    def _image_of(self, item: Dataset) -> Dataset | None:
        references = item.get("ReferencedSOPSequence")
        return self._images.get(references[0].ReferencedSOPInstanceUID) if references else None


def _is_meant_for(item: Dataset, row: Row) -> bool:
    if item.get("RelationshipType") != row.relationship:
        return False
    if not row.value_type:
        return "ReferencedContentItemIdentifier" in item
    name = _name_of(item)
    if row.concept is None or name is None:
        return row.concept is name and item.get("ValueType") == row.value_type
    return (name.value, name.scheme_designator) == (
        row.concept.value,
        row.concept.scheme_designator,
    )


def _count(
    parent: Dataset, image: Dataset | None, row: Row, count: int, where: str
) -> Iterator[str]:
    required = row.required(parent, image) if callable(row.required) else row.required
    if required is True and not count:
        yield f"{where}: {row.name} ({_concept_name(row)}) is required and missing"
    if callable(row.required) and required is False and count:
        yield f"{where}: {row.name} ({_concept_name(row)}) is not allowed here"
    if row.at_most is not None and count > row.at_most:
        yield f"{where}: {row.name} ({_concept_name(row)}) stands {count} times"


def _concept(item: Dataset, row: Row, where: str) -> Iterator[str]:
    name = _name_of(item)
    if row.concept is not None and (
        name != row.concept or name is None or name.meaning != row.concept.meaning
    ):
        yield f"{where}: {row.name} is named {name}, not {row.concept}"


def _value(item: Dataset, row: Row, where: str) -> Iterator[str]:
    if row.value_type == "CODE":
        allowed = CONTEXT_GROUPS[row.values] if isinstance(row.values, str) else row.values
        yield from _coded_value(item, row, allowed, where)
    elif row.value_type == "NUM":
        yield from _number(item, row, where)
    elif row.value_type == "SCOORD" and item.get("GraphicType") not in row.graphic_types:
        yield f"{where}: {row.name} is a {item.get('GraphicType')}, not {row.graphic_types}"
    elif row.value_type == "TEXT" and not item.get("TextValue"):
        yield f"{where}: {row.name} has no text"


def _coded_value(item: Dataset, row: Row, allowed: Sequence[Code], where: str) -> Iterator[str]:
    values = item.get("ConceptCodeSequence") or []
    if len(values) != 1:
        yield f"{where}: {row.name} has {len(values)} values, not one"
    elif allowed and not _stands_in(as_code(values[0]), allowed):
        yield f"{where}: {row.name} has the value {as_code(values[0])}, which it may not have"


def _number(item: Dataset, row: Row, where: str) -> Iterator[str]:
    measured = item.MeasuredValueSequence[0]
    unit = as_code(measured.MeasurementUnitsCodeSequence[0])
    if not _stands_in(unit, row.units):
        yield f"{where}: {row.name} is in {unit}, not in {row.units}"
    low, high = row.range_of_values or (0, float("inf"))
    if not low <= float(measured.NumericValue) <= high:
        yield f"{where}: {row.name} is {measured.NumericValue}, not between {low} and {high}"


def _stands_in(code: Code, allowed: Sequence[Code]) -> bool:
    return any(code == one and code.meaning == one.meaning for one in allowed)


def _name_of(item: Dataset) -> Code | None:
    sequence = item.get("ConceptNameCodeSequence")
    return as_code(sequence[0]) if sequence else None


def _concept_name(row: Row) -> str:
    return row.concept.meaning if row.concept else "an image"


def _say(item: Dataset) -> str:
    name = _name_of(item)
    called = f" {name.meaning}" if name else ""
    return f"{item.get('RelationshipType')} {item.get('ValueType', 'reference')}{called}"
