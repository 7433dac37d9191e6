from pathlib import Path
from typing import Any

import pytest
from dicom_files import PLANTED
from found_films import CANCER, HEADER, SOFTWARE, found_film, require_valid, write_film
from pydicom.uid import UID

from formats.dicom_objects.files import (
    CAD,
    MEASUREMENTS,
    write_presentation_state,
    write_report,
)
from formats.dicom_objects.source import PERSON, read_source
from formats.errors import InputError


def test_the_person_is_left_out_and_what_refers_to_the_film_is_there(tmp_path: Path) -> None:
    source = read_source(write_film(tmp_path / "film"), with_person=False)

    assert source.StudyInstanceUID == HEADER["StudyInstanceUID"]
    assert source.ImageLaterality == "L"
    assert all(source.get(keyword) == "" for keyword in PERSON)
    assert not any(word in str(source) for word in PLANTED)


def test_the_person_is_read_where_asked_for_in_the_files_own_letters(tmp_path: Path) -> None:
    path = write_film(
        tmp_path / "film", SpecificCharacterSet="ISO_IR 100", PatientName="MÜLLER^Åse"
    )
    source = read_source(path, with_person=True)

    assert source.PatientName == "MÜLLER^Åse"
    assert (source.PatientID, source.PatientBirthDate) == ("PLANTEDID", "19010203")
    assert source.SpecificCharacterSet == "ISO_IR 192"


@pytest.mark.parametrize("keyword", ["SOPInstanceUID", "StudyInstanceUID", "SOPClassUID"])
def test_a_film_without_a_uid_is_refused_by_name(tmp_path: Path, keyword: str) -> None:
    with pytest.raises(InputError, match=rf"film: no object can refer to .* {keyword} are missing"):
        read_source(write_film(tmp_path / "film", **{keyword: None}), with_person=False)


def test_a_series_that_cannot_be_is_not_quoted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
) -> None:
    path = write_film(tmp_path / "film", SeriesInstanceUID="1.2.3.4.5.6.7.8.9")
    path.write_bytes(path.read_bytes().replace(b"1.2.3.4.5.6.7.8.9", b"MUSTER^ERIKA xxxx"))
    source = read_source(path, with_person=False)

    assert UID(source.SeriesInstanceUID).is_valid
    assert "ERIKA" not in caplog.text
    assert not recwarn.list


def test_a_film_in_no_series_gets_one_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_film(tmp_path / "film", SeriesInstanceUID=None)
    first, second = (read_source(path, with_person=False) for _ in range(2))

    assert UID(first.SeriesInstanceUID).is_valid
    assert first.SeriesInstanceUID == second.SeriesInstanceUID
    assert f"{path}: in no series" in caplog.text


def test_a_uid_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film")
    path.write_bytes(
        path.read_bytes().replace(b"1.2.826.0.1.3680043.8.498.1", b"../../../../../../tmp/film1")
    )

    with pytest.raises(InputError, match="StudyInstanceUID"):
        read_source(path, with_person=False)


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("ImageLaterality", "X"),
        ("ViewPosition", "SEE NOTE"),
        ("PatientOrientation", ["A"]),
        ("ImagerPixelSpacing", [0.1]),
        ("ImagerPixelSpacing", [0.1, 0]),
        ("PatientOrientation", ["", ""]),
        ("StudyDate", ""),
        ("StudyDate", "20201350"),
        ("StudyTime", "996112"),
        ("WindowWidth", 0),
        ("WindowCenter", [1000, 2000]),
        ("WindowCenter", ""),
        ("VOILUTFunction", "OUR OWN"),
        ("BurnedInAnnotation", "maybe"),
    ],
)
def test_what_cannot_be_is_not_handed_on(tmp_path: Path, keyword: str, value: Any) -> None:
    film = found_film(tmp_path, CANCER, **{keyword: value})

    assert not film.source.get(keyword)
    for kind in (MEASUREMENTS, CAD):
        write_report([film], SOFTWARE, kind, tmp_path / "out")
    require_valid(write_presentation_state(film, SOFTWARE, tmp_path / "out"))
