from pathlib import Path

import numpy as np
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
)
from highdicom.sr import ComprehensiveSR, MeasurementReport
from pydicom.sr.codedict import codes

from formats.dicom_objects.files import MEASUREMENTS, write_report
from formats.dicom_objects.found import FilmFindings
from formats.notice import NOTICE


@pytest.fixture
def films(tmp_path: Path) -> list[FilmFindings]:
    return [
        found_film(tmp_path, CANCER, BENIGN),
        found_film(tmp_path, ImageLaterality="R"),
    ]


@pytest.fixture
def report(films: list[FilmFindings], tmp_path: Path) -> ComprehensiveSR:
    """The report, read back by highdicom."""
    path = write_report(films, SOFTWARE, MEASUREMENTS, tmp_path / "out")
    read = ComprehensiveSR.from_dataset(pydicom.dcmread(path))
    assert isinstance(read.content, MeasurementReport)
    return read


def test_it_is_a_report_of_the_films_study(
    report: ComprehensiveSR, films: list[FilmFindings]
) -> None:
    assert report.StudyInstanceUID == STUDY_UID
    assert report.SeriesInstanceUID != SERIES_UID
    assert report.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    evidence = {
        (str(study), str(series), str(film)) for study, series, film, _ in report.get_evidence()
    }
    assert evidence == {(STUDY_UID, SERIES_UID, film.source.SOPInstanceUID) for film in films}


def test_each_box_is_a_planar_region_on_its_film(
    report: ComprehensiveSR, films: list[FilmFindings]
) -> None:
    groups = report.content.get_planar_roi_measurement_groups()
    cancer = groups[0]

    assert len(groups) == 2
    np.testing.assert_allclose(
        cancer.roi.value, [[10, 20], [80.5, 20], [80.5, 90.25], [10, 90.25], [10, 20]]
    )
    assert cancer.roi.graphic_type.value == "POLYLINE"
    assert cancer.finding_type == codes.SCT.Lesion
    assert [group.finding_category for group in groups] == [
        codes.SCT.Malignant,
        codes.SCT.Benign,
    ]
    assert cancer.finding_sites[0].laterality == codes.SCT.Left
    image = items(report, "Source")[0].ReferencedSOPSequence[0]
    assert image.ReferencedSOPInstanceUID == films[0].source.SOPInstanceUID


def test_scores_probabilities_and_sizes_have_their_units(report: ComprehensiveSR) -> None:
    cancer, benign = report.content.get_planar_roi_measurement_groups()
    measured = [
        {(one.name.meaning, one.value, one.unit.value) for one in group.get_measurements()}
        for group in (cancer, benign)
    ]

    assert measured[0] == {
        ("Certainty of Finding", 90.0, "%"),
        ("Probability of cancer", 70.0, "%"),
        ("Width", 5.6, "mm"),
        ("Height", 4.9, "mm"),
    }
    assert measured[1] == {
        ("Certainty of Finding", 50.0, "%"),
        ("Probability of cancer", 20.0, "%"),
    }


def test_a_film_without_a_box_says_that_there_is_no_lesion(
    report: ComprehensiveSR, films: list[FilmFindings]
) -> None:
    (group,) = report.content.get_image_measurement_groups()
    (evaluation,) = group.get_qualitative_evaluations()

    assert (evaluation.name, evaluation.value) == (codes.SCT.Lesion, codes.SCT.Absent)
    assert group.finding_sites[0].laterality == codes.SCT.Right
    (image,) = items(report, "Source of Measurement")
    assert image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == films[1].source.SOPInstanceUID


def test_the_algorithm_its_weights_and_what_to_think_of_it_are_named(
    report: ComprehensiveSR,
) -> None:
    for group in items(report, "Measurement Group"):
        assert [item.TextValue for item in items(group, "Algorithm Name")] == [SOFTWARE.algorithm]
        assert [item.TextValue for item in items(group, "Algorithm Version")] == ["9.8.7"]
        parameters = tuple(item.TextValue for item in items(group, "Algorithm Parameters"))
        assert parameters == SOFTWARE.parameters
    assert [item.TextValue for item in items(report, "Comment")] == [NOTICE]
    (device,) = items(report, "Device Observer Name")
    assert "not a medical device" in device.TextValue
    assert report.VerificationFlag == "UNVERIFIED"


@pytest.mark.parametrize("with_boxes", [True, False])
def test_other_peoples_validators_accept_it(tmp_path: Path, with_boxes: bool) -> None:
    films = [found_film(tmp_path, *([CANCER, BENIGN] if with_boxes else []))]
    path = write_report(films, SOFTWARE, MEASUREMENTS, tmp_path / "out")

    require_valid(path, is_report=True)
