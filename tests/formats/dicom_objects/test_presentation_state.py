from pathlib import Path

import numpy as np
import pydicom
import pytest
from found_films import (
    BENIGN,
    CANCER,
    HEIGHT_PX,
    SOFTWARE,
    STUDY_UID,
    WIDTH_PX,
    found_film,
    require_valid,
)
from pydicom import Dataset

from formats.dicom_objects.files import write_presentation_state
from formats.dicom_objects.found import FilmFindings


def written(film: FilmFindings, folder: Path) -> Dataset:
    return pydicom.dcmread(write_presentation_state(film, SOFTWARE, folder))


def test_boxes_stand_on_the_film_by_label(tmp_path: Path) -> None:
    film = found_film(tmp_path, CANCER, BENIGN)
    state = written(film, tmp_path / "out")
    boxes = {
        annotation.GraphicLayer: annotation.GraphicObjectSequence[0]
        for annotation in state.GraphicAnnotationSequence
    }

    assert state.StudyInstanceUID == STUDY_UID
    image = state.ReferencedSeriesSequence[0].ReferencedImageSequence[0]
    assert image.ReferencedSOPInstanceUID == film.source.SOPInstanceUID
    assert set(boxes) == {"BENIGN", "CANCER"}
    assert (boxes["CANCER"].GraphicType, boxes["CANCER"].GraphicAnnotationUnits) == (
        "POLYLINE",
        "PIXEL",
    )
    np.testing.assert_allclose(
        np.reshape(boxes["CANCER"].GraphicData, (-1, 2)),
        [[10, 20], [80.5, 20], [80.5, 90.25], [10, 90.25], [10, 20]],
    )
    colours = [
        layer.GraphicLayerRecommendedDisplayCIELabValue for layer in state.GraphicLayerSequence
    ]
    assert colours[0] != colours[1]


def texts(state: Dataset) -> list[Dataset]:
    return [
        text
        for annotation in state.GraphicAnnotationSequence
        for text in annotation.TextObjectSequence
    ]


def test_captions_say_label_probability_score_and_size_inside_the_film(tmp_path: Path) -> None:
    state = written(found_film(tmp_path, CANCER, BENIGN), tmp_path / "out")
    captions = [text for text in texts(state) if text.BoundingBoxAnnotationUnits == "PIXEL"]

    assert {text.UnformattedTextValue for text in captions} == {
        "Cancer 70%, score 0.90, 5.6 x 4.9 mm",
        "Benign 80%, score 0.50",
    }
    for text in captions:
        left, top = text.BoundingBoxTopLeftHandCorner
        right, bottom = text.BoundingBoxBottomRightHandCorner
        assert 0 <= left < right <= WIDTH_PX
        assert 0 <= top < bottom <= HEIGHT_PX
        box = CANCER if text.UnformattedTextValue.startswith("Cancer") else BENIGN
        assert bottom <= box.bbox_xyxy[1] or top >= box.bbox_xyxy[3]


def test_every_layer_with_boxes_says_that_it_is_research(tmp_path: Path) -> None:
    state = written(found_film(tmp_path, BENIGN), tmp_path / "out")
    notices = [text for text in texts(state) if text.BoundingBoxAnnotationUnits == "DISPLAY"]

    assert [text.UnformattedTextValue for text in notices] == [
        "Research software, not a medical device"
    ]


@pytest.mark.parametrize(
    ("photometric", "shape"), [("MONOCHROME1", "INVERSE"), ("MONOCHROME2", "IDENTITY")]
)
def test_the_film_keeps_its_look(tmp_path: Path, photometric: str, shape: str) -> None:
    film = found_film(tmp_path, CANCER, PhotometricInterpretation=photometric)
    state = written(film, tmp_path / "out")

    assert state.PresentationLUTShape == shape
    window = state.SoftcopyVOILUTSequence[0]
    assert (window.WindowCenter, window.WindowWidth) == (2000, 3000)


def test_dciodvfy_accepts_it(tmp_path: Path) -> None:
    film = found_film(tmp_path, CANCER, BENIGN)

    require_valid(write_presentation_state(film, SOFTWARE, tmp_path / "out"))
