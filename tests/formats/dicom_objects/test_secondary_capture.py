from pathlib import Path

import numpy as np
import pydicom
from found_films import (
    HEIGHT_PX,
    SOFTWARE,
    STUDY_UID,
    WIDTH_PX,
    found_film,
    require_valid,
)
from pydicom.uid import SecondaryCaptureImageStorage

from formats.dicom_objects.files import write_secondary_capture
from formats.notice import NOTICE


def picture() -> np.ndarray:
    random = np.random.default_rng(0)
    return random.integers(0, 255, (HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)


def test_the_picture_comes_back_in_its_colours_as_an_image_of_the_study(tmp_path: Path) -> None:
    film = found_film(tmp_path)
    capture = pydicom.dcmread(write_secondary_capture(film, picture(), SOFTWARE, tmp_path / "out"))

    # Blue, green and red in; red, green and blue in DICOM.
    np.testing.assert_array_equal(capture.pixel_array, picture()[..., ::-1])
    assert capture.SOPClassUID == SecondaryCaptureImageStorage
    assert capture.StudyInstanceUID == STUDY_UID
    assert capture.SourceImageSequence[0].ReferencedSOPInstanceUID == film.source.SOPInstanceUID
    assert capture.ImageComments == NOTICE
    assert list(capture.PatientOrientation) == ["A", "FL"]
    assert "9.8.7" in capture.DerivationDescription


def test_dciodvfy_accepts_it(tmp_path: Path) -> None:
    film = found_film(tmp_path)

    require_valid(write_secondary_capture(film, picture(), SOFTWARE, tmp_path / "out"))
