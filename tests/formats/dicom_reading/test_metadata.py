from typing import Any

import pytest
from pydicom import Dataset

from formats.dicom_reading.metadata import film_metadata
from formats.film_reading.metadata import FilmMetadata


def header(**attributes: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def test_a_header_that_says_nothing_gives_nothing() -> None:
    assert film_metadata(Dataset()) == FilmMetadata()


def test_uids_side_and_view_are_read() -> None:
    dataset = header(
        SOPInstanceUID="1.2.3", StudyInstanceUID="1.2", ImageLaterality="L", ViewPosition="MLO"
    )

    assert film_metadata(dataset) == FilmMetadata(
        sop_instance_uid="1.2.3", study_instance_uid="1.2", side="LEFT", view="MLO"
    )


@pytest.mark.parametrize(
    ("attributes", "side"),
    [({"Laterality": "R"}, "RIGHT"), ({"ImageLaterality": "B"}, None), ({"Laterality": ""}, None)],
)
def test_side(attributes: dict[str, str], side: str | None) -> None:
    assert film_metadata(header(**attributes)).side == side


@pytest.mark.parametrize(
    ("code", "view"),
    [("399162004", "CC"), ("R-10242", "CC"), ("399368009", "MLO"), ("R-10226", "MLO"), ("1", None)],
)
def test_view_by_code_where_no_position_stands(code: str, view: str | None) -> None:
    dataset = header(ViewPosition="", ViewCodeSequence=[header(CodeValue=code)])

    assert film_metadata(dataset).view == view


def test_a_view_position_in_words_is_not_taken_over() -> None:
    assert film_metadata(header(ViewPosition="SEE NOTE 12")).view is None


IMAGER = {"ImagerPixelSpacing": [0.1, 0.08]}
MAGNIFIED = {**IMAGER, "EstimatedRadiographicMagnificationFactor": 1.25}


@pytest.mark.parametrize(
    ("attributes", "spacing_mm", "source"),
    [
        ({"PixelSpacing": [0.07, 0.06]}, (0.07, 0.06), "PixelSpacing"),
        (IMAGER, (0.1, 0.08), "ImagerPixelSpacing"),
        (
            MAGNIFIED,
            (0.08, 0.064),
            "ImagerPixelSpacing / EstimatedRadiographicMagnificationFactor",
        ),
        # The detector's spacing, repeated.
        (
            {**MAGNIFIED, "PixelSpacing": [0.1, 0.08]},
            (0.08, 0.064),
            "ImagerPixelSpacing / EstimatedRadiographicMagnificationFactor",
        ),
        ({**MAGNIFIED, "PixelSpacing": [0.09, 0.07]}, (0.09, 0.07), "PixelSpacing"),
        (
            {**IMAGER, "PixelSpacing": [0.1, 0.08], "PixelSpacingCalibrationType": "GEOMETRY"},
            (0.1, 0.08),
            "PixelSpacing",
        ),
        (
            {"NominalScannedPixelSpacing": [0.05, 0.05]},
            (0.05, 0.05),
            "NominalScannedPixelSpacing",
        ),
        ({"PixelSpacing": [0, 0.1]}, None, None),
        ({"PixelSpacing": [-0.1, -0.1]}, None, None),
    ],
)
def test_spacing(
    attributes: dict[str, Any], spacing_mm: tuple[float, float] | None, source: str | None
) -> None:
    metadata = film_metadata(header(**attributes))

    assert metadata.spacing_mm == (None if spacing_mm is None else pytest.approx(spacing_mm))
    assert metadata.spacing_source == source
