from pathlib import Path

import pydicom
import pytest
from found_films import (
    BENIGN,
    CANCER,
    SERIES_UID,
    SOFTWARE,
    STUDY_UID,
    found_film,
    items,
    require_valid,
    view_code,
)
from pydicom import Dataset
from pydicom.uid import MammographyCADSRStorage

from formats.dicom_objects.cad_report import cad_report
from formats.dicom_objects.files import CAD, write_report
from formats.dicom_objects.found import FilmFindings
from formats.dicom_objects.mammography_cad import (
    CadAlgorithm,
    MammographyCadSR,
    SingleImageFinding,
    template_violations,
)
from formats.notice import NOTICE


def path_to(document: Dataset, path: list[int]) -> Dataset:
    target = document
    for step in path[1:]:
        target = target.ContentSequence[step - 1]
    return target


def value(item: Dataset) -> str:
    return str(item.ConceptCodeSequence[0].CodeMeaning)


@pytest.fixture
def films(tmp_path: Path) -> list[FilmFindings]:
    return [found_film(tmp_path), found_film(tmp_path, CANCER, BENIGN, ImageLaterality="R")]


@pytest.fixture
def report(films: list[FilmFindings], tmp_path: Path) -> Dataset:
    return pydicom.dcmread(write_report(films, SOFTWARE, CAD, tmp_path / "out"))


def test_it_is_a_mammography_cad_sr_of_the_study(
    report: Dataset, films: list[FilmFindings]
) -> None:
    assert report.SOPClassUID == report.file_meta.MediaStorageSOPClassUID == MammographyCADSRStorage
    assert (report.StudyInstanceUID, report.Modality) == (STUDY_UID, "SR")
    (study,) = report.CurrentRequestedProcedureEvidenceSequence
    (series,) = study.ReferencedSeriesSequence
    assert (study.StudyInstanceUID, series.SeriesInstanceUID) == (STUDY_UID, SERIES_UID)
    assert [item.ReferencedSOPInstanceUID for item in series.ReferencedSOPSequence] == [
        film.source.SOPInstanceUID for film in films
    ]


def test_it_follows_its_template_after_reading_back(
    report: Dataset, films: list[FilmFindings]
) -> None:
    assert template_violations(report, [film.source for film in films]) == []


def test_each_box_is_a_finding_with_centre_and_outline_on_its_image(
    report: Dataset, films: list[FilmFindings]
) -> None:
    cancer, benign = items(report, "Single Image Finding")
    (centre,), (outline,) = items(cancer, "Center"), items(cancer, "Outline")

    assert list(centre.GraphicData) == [45.25, 55.125]
    assert list(outline.GraphicData) == [10, 20, 80.5, 20, 80.5, 90.25, 10, 90.25, 10, 20]
    for place in (centre, outline, *items(benign, "Center")):
        image = path_to(report, place.ContentSequence[0].ReferencedContentItemIdentifier)
        assert (
            image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
            == films[1].source.SOPInstanceUID
        )
    numbers = [
        str(items(cancer, name)[0].MeasuredValueSequence[0].NumericValue)
        for name in ("Certainty of Finding", "Probability of cancer")
    ]
    assert [float(number) for number in numbers] == [90, 70]


def test_the_library_says_what_the_headers_say(report: Dataset) -> None:
    library = items(report, "Image Library")[0].ContentSequence
    left, right = library

    assert value(items(left, "Image Laterality")[0]) == "Left breast"
    assert value(items(right, "Image Laterality")[0]) == "Right breast"
    # The older code R-10242 of the header, by its newer name.
    assert items(left, "Image View")[0].ConceptCodeSequence[0].CodeValue == "399162004"
    assert [
        items(left, f"Patient Orientation {way}")[0].TextValue for way in ("Row", "Column")
    ] == [
        "A",
        "FL",
    ]
    assert items(left, "Study Date")[0].Date == "20200102"
    assert items(left, "Content Time")[0].Time == "101113.5"
    spacings = [
        items(left, f"{way} Pixel Spacing")[0].MeasuredValueSequence[0]
        for way in ("Horizontal", "Vertical")
    ]
    assert [float(spacing.NumericValue) for spacing in spacings] == [0.08, 0.07]


def test_it_says_what_looked_where_and_what_to_think_of_it(
    report: Dataset, films: list[FilmFindings]
) -> None:
    (summary,) = items(report, "CAD Processing and Findings Summary")
    (performed,) = items(report, "Detection Performed")
    looked_at = [
        path_to(report, item.ReferencedContentItemIdentifier).ReferencedSOPSequence[0]
        for item in performed.ContentSequence
        if "ReferencedContentItemIdentifier" in item
    ]

    assert value(summary) == "All algorithms succeeded; with findings"
    assert items(summary, "Impression Description")[0].TextValue == NOTICE
    assert value(items(report, "Summary of Detections")[0]) == "Succeeded"
    assert [item.ReferencedSOPInstanceUID for item in looked_at] == [
        film.source.SOPInstanceUID for film in films
    ]
    for finding in items(report, "Single Image Finding"):
        assert items(finding, "Algorithm Version")[0].TextValue == "9.8.7"
        parameters = tuple(item.TextValue for item in items(finding, "Algorithm Parameters"))
        assert parameters == SOFTWARE.parameters


def test_a_study_without_findings_is_a_report_too(tmp_path: Path) -> None:
    report = cad_report([found_film(tmp_path)], SOFTWARE)

    assert value(items(report, "CAD Processing and Findings Summary")[0]) == (
        "All algorithms succeeded; without findings"
    )
    assert not items(report, "Individual Impression/Recommendation")


@pytest.mark.parametrize(
    "attributes",
    [
        {"ImageLaterality": None, "Laterality": "L"},
        {"ViewCodeSequence": None},
        {"ViewCodeSequence": [view_code("1", "99LOCAL", "our own view")], "ViewPosition": None},
        {"PatientOrientation": None, "ImagerPixelSpacing": None, "PixelSpacing": [0.1, 0.1]},
        {"StudyDate": None, "ContentTime": None},
    ],
)
def test_headers_that_say_less_give_less(tmp_path: Path, attributes: dict[str, object]) -> None:
    film = found_film(tmp_path, CANCER, **attributes)
    report = cad_report([film], SOFTWARE)

    assert template_violations(report, [film.source]) == []


@pytest.mark.parametrize("with_boxes", [True, False])
def test_other_peoples_validators_accept_it(tmp_path: Path, with_boxes: bool) -> None:
    films = [found_film(tmp_path, *([CANCER, BENIGN] if with_boxes else []))]

    require_valid(write_report(films, SOFTWARE, CAD, tmp_path / "out"), is_report=True)


def made_of(images: list[Dataset], **changes: object) -> MammographyCadSR:
    finding = {
        "sop_instance_uid": images[0].SOPInstanceUID if images else "1.2",
        "centre_xy": (5.0, 6.0),
        "outline_xy": (),
        **changes,
    }
    return MammographyCadSR(
        images=images,
        findings=[SingleImageFinding(**finding)],  # type: ignore[arg-type]
        algorithm=CadAlgorithm(name="theirs", version="1"),
        description="of somebody else",
        series_instance_uid="1.2.3",
        sop_instance_uid="1.2.4",
        manufacturer="them",
    )


def test_others_can_make_one_of_their_own_findings(tmp_path: Path) -> None:
    image = found_film(tmp_path).source
    report = made_of([image])

    assert not template_violations(report, [image])
    assert not items(report, "Outline")
    assert not items(report, "Probability of cancer")


def test_what_cannot_be_a_report_is_refused_with_the_row(tmp_path: Path) -> None:
    image = found_film(tmp_path).source
    other = found_film(tmp_path, StudyInstanceUID="1.2.9").source

    with pytest.raises(ValueError, match=r"TID 4006 row 6 is 120.*not between 0 and 100"):
        made_of([image], certainty_percent=120.0)
    with pytest.raises(ValueError, match=r"TID 4006 row 1 has the value .*Mass"):
        made_of([image], kind=pydicom.sr.coding.Code("4147007", "SCT", "Mass"))
    with pytest.raises(ValueError, match="at least one image"):
        made_of([])
    with pytest.raises(ValueError, match="one study, not of 2"):
        made_of([image, other])
    with pytest.raises(ValueError, match=r"on 1\.9, none of the images"):
        made_of([image], sop_instance_uid="1.9")
