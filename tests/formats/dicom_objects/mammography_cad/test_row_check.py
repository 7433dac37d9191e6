"""Each breach of the template is told by its row."""

from collections.abc import Callable
from pathlib import Path

import pytest
from found_films import BENIGN, CANCER, SOFTWARE, found_film, items
from pydicom import Dataset

from formats.dicom_objects.cad_report import cad_report
from formats.dicom_objects.found import FilmFindings
from formats.dicom_objects.mammography_cad import template_violations


@pytest.fixture
def film(tmp_path: Path) -> FilmFindings:
    return found_film(tmp_path, CANCER, BENIGN)


def remove(report: Dataset, meaning: str) -> None:
    """Take all items of a concept out of the tree."""

    def without(parent: Dataset) -> None:
        kept = []
        for child in parent.get("ContentSequence") or []:
            name = child.get("ConceptNameCodeSequence")
            if not name or name[0].CodeMeaning != meaning:
                without(child)
                kept.append(child)
        if "ContentSequence" in parent:
            parent.ContentSequence = kept

    without(report)


REQUIRED = [
    ("Language of Content Item and Descendants", "TID 1204 row 1"),
    ("Image Library", "TID 4000 row 3"),
    ("CAD Processing and Findings Summary", "TID 4001 row 1"),
    ("Individual Impression/Recommendation", "TID 4003 row 1"),
    ("Rendering Intent", "TID 4003 row 2"),
    ("Rendering Intent", "TID 4006 row 2"),
    ("Single Image Finding", "TID 4006 row 1"),
    ("Algorithm Name", "TID 4019 Algorithm Name"),
    ("Algorithm Version", "TID 4019 Algorithm Version"),
    ("Center", "TID 4021 row 1"),
    ("Summary of Detections", "TID 4000 row 6"),
    ("Successful Detections", "TID 4015 row 1"),
    ("Detection Performed", "TID 4017 row 1"),
    ("Summary of Analyses", "TID 4000 row 8"),
]


@pytest.mark.parametrize(("meaning", "row"), REQUIRED)
def test_what_is_required_is_missed(film: FilmFindings, meaning: str, row: str) -> None:
    report = cad_report([film], SOFTWARE)
    remove(report, meaning)

    assert any(f"{row} (" in said and "required" in said for said in template_violations(report))


CONDITIONAL = [
    ("Image Laterality", 2),
    ("Image View", 3),
    ("Patient Orientation Row", 5),
    ("Patient Orientation Column", 6),
    ("Study Date", 7),
    ("Study Time", 8),
    ("Content Date", 9),
    ("Content Time", 10),
    ("Horizontal Pixel Spacing", 11),
    ("Vertical Pixel Spacing", 12),
]


@pytest.mark.parametrize(("meaning", "row"), CONDITIONAL)
def test_what_the_image_says_is_missed_where_the_image_is_known(
    film: FilmFindings, meaning: str, row: int
) -> None:
    report = cad_report([film], SOFTWARE)
    remove(report, meaning)

    (said,) = template_violations(report, [film.source])
    assert f"TID 4020 row {row} ({meaning}) is required and missing" in said
    assert template_violations(report) == []


def change(report: Dataset, meaning: str) -> Dataset:
    return items(report, meaning)[0]


def set_unit(report: Dataset) -> None:
    measured = change(report, "Certainty of Finding").MeasuredValueSequence[0]
    measured.MeasurementUnitsCodeSequence[0].CodeValue = "1"


def set_percent(report: Dataset) -> None:
    change(report, "Probability of cancer").MeasuredValueSequence[0].NumericValue = "100.5"


def set_meaning(report: Dataset) -> None:
    change(report, "Certainty of Finding").ConceptNameCodeSequence[0].CodeMeaning = "Confidence"


def set_value_meaning(report: Dataset) -> None:
    change(report, "Summary of Detections").ConceptCodeSequence[0].CodeMeaning = "Fine"


def set_value(report: Dataset) -> None:
    change(report, "Single Image Finding").ConceptCodeSequence[0].CodeValue = "4147007"


def set_graphic_type(report: Dataset) -> None:
    change(report, "Center").GraphicType = "CIRCLE"


def set_relationship(report: Dataset) -> None:
    change(report, "Summary of Analyses").RelationshipType = "HAS PROPERTIES"


def set_value_type(report: Dataset) -> None:
    change(report, "Algorithm Name").ValueType = "CODE"


def refer_to_nothing(report: Dataset) -> None:
    change(report, "Center").ContentSequence[0].ReferencedContentItemIdentifier = [1, 2, 9]


def refer_to_text(report: Dataset) -> None:
    change(report, "Center").ContentSequence[0].ReferencedContentItemIdentifier = [1, 3, 1]


def swap(report: Dataset) -> None:
    finding = change(report, "Single Image Finding")
    finding.ContentSequence = [*finding.ContentSequence[1:], finding.ContentSequence[0]]


def repeat(report: Dataset) -> None:
    report.ContentSequence.append(report.ContentSequence[-1])


def say_failed(report: Dataset) -> None:
    value = change(report, "Summary of Detections").ConceptCodeSequence[0]
    value.CodeValue, value.CodeMeaning = "111224", "Failed"


def say_without_findings(report: Dataset) -> None:
    value = change(report, "CAD Processing and Findings Summary").ConceptCodeSequence[0]
    value.CodeValue = "111241"
    value.CodeMeaning = "All algorithms succeeded; without findings"


def add_comment(report: Dataset) -> None:
    text = Dataset()
    text.RelationshipType, text.ValueType, text.TextValue = "CONTAINS", "TEXT", "by the way"
    name = Dataset()
    name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = "121106", "DCM", "Comment"
    text.ConceptNameCodeSequence = [name]
    report.ContentSequence.append(text)


def empty_text(report: Dataset) -> None:
    change(report, "Algorithm Name").TextValue = ""


def set_template(report: Dataset) -> None:
    report.ContentTemplateSequence[0].TemplateIdentifier = "4100"


BREACHES: list[tuple[Callable[[Dataset], None], str]] = [
    (set_unit, "TID 4006 row 6 is in "),
    (set_percent, "TID 4006 row 7 is 100.5, not between 0 and 100"),
    (set_meaning, "TID 4006 row 6 is named "),
    (set_value_meaning, "TID 4000 row 6 has the value "),
    (set_value, "TID 4006 row 1 has the value "),
    (set_graphic_type, "TID 4021 row 1 is a CIRCLE"),
    (set_relationship, "TID 4000 row 8 (Summary of Analyses) is required and missing"),
    (set_value_type, "TID 4019 Algorithm Name is a TEXT, not CODE"),
    (refer_to_nothing, "TID 4021 row 2 refers to [1, 2, 9], where nothing is"),
    (refer_to_text, "TID 4021 row 2 refers to [1, 3, 1], which is no image of the library"),
    (swap, "TID 4006 row 2 comes after TID 4021 row 3"),
    (repeat, "TID 4000 row 8 (Summary of Analyses) stands 2 times"),
    (say_failed, "TID 4015 row 1 (Successful Detections) is not allowed here"),
    (say_failed, "TID 4015 row 3 (Failed Detections) is required and missing"),
    (say_without_findings, "TID 4003 row 1 (Individual Impression/Recommendation) is not allowed"),
    (add_comment, "no row of the template under TID 4000 row 1 allows CONTAINS TEXT Comment"),
    (empty_text, "TID 4019 Algorithm Name has no text"),
    (set_template, "not marked as made by template 4000"),
]


@pytest.mark.parametrize(
    ("breach", "words"), BREACHES, ids=lambda value: getattr(value, "__name__", "")
)
def test_what_is_not_allowed_is_told(
    film: FilmFindings, breach: Callable[[Dataset], None], words: str
) -> None:
    report = cad_report([film], SOFTWARE)
    assert template_violations(report, [film.source]) == []
    breach(report)

    assert words in "\n".join(template_violations(report, [film.source]))
