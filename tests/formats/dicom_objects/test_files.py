from pathlib import Path

import pydicom
import pytest
from dicom_files import PLANTED
from found_films import BENIGN, CANCER, SOFTWARE, STUDY_UID, found_film

from formats.dicom_objects.files import (
    CAD,
    MEASUREMENTS,
    studies_of,
    write_presentation_state,
    write_report,
)
from formats.errors import InputError


def test_films_are_told_by_study_and_repeated_ones_once(tmp_path: Path) -> None:
    first, second = found_film(tmp_path, CANCER), found_film(tmp_path)
    other = found_film(tmp_path, StudyInstanceUID="1.2.3")

    studies = studies_of([first, other, second, first])

    assert studies == [[first, second], [other]]


@pytest.mark.parametrize("kind", [MEASUREMENTS, CAD])
def test_a_report_names_the_person_only_if_its_films_do(tmp_path: Path, kind: str) -> None:
    hidden = write_report([found_film(tmp_path, CANCER)], SOFTWARE, kind, tmp_path / "hidden")
    named_film = found_film(tmp_path, CANCER, with_person=True)
    named = pydicom.dcmread(write_report([named_film], SOFTWARE, kind, tmp_path / "named"))

    assert not any(word.encode() in hidden.read_bytes() for word in PLANTED)
    assert named.PatientName == "PLANTEDNAME^WITH"
    assert (named.PatientID, named.PatientBirthDate) == ("PLANTEDID", "19010203")


def test_files_are_called_by_uids(tmp_path: Path) -> None:
    film = found_film(tmp_path, BENIGN)

    report = write_report([film], SOFTWARE, CAD, tmp_path)
    state = write_presentation_state(film, SOFTWARE, tmp_path)

    assert report.name == f"cad_{STUDY_UID}.dcm"
    assert state.name == f"gsps_{film.source.SOPInstanceUID}.dcm"


def test_a_header_that_no_object_can_be_made_of_is_refused_without_quoting_it(
    tmp_path: Path,
) -> None:
    film = found_film(tmp_path, BENIGN)
    film.source.PatientSex = "PLANTEDSEX"

    with pytest.raises(InputError, match=r"film0: no report can be made") as error:
        write_report([film], SOFTWARE, MEASUREMENTS, tmp_path / "out")
    assert "PLANTED" not in str(error.value)
    assert not (tmp_path / "out").exists()
