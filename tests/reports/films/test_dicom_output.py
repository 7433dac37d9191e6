from pathlib import Path

import numpy as np
import pytest
from found_films import BENIGN, HEIGHT_PX, SOFTWARE, WIDTH_PX, found_film

from formats.dicom_objects.found import FilmFindings
from formats.errors import InputError
from reports.films.dicom_output import DicomOutput, DicomTargets

PIXELS = (np.arange(HEIGHT_PX * WIDTH_PX) % 4096).astype(np.uint16).reshape(HEIGHT_PX, WIDTH_PX)


def names(folder: Path) -> list[str]:
    """The kinds of files in a folder, by the first word of their names."""
    return sorted(path.name.split("_")[0] for path in folder.iterdir())


def written(film: FilmFindings, targets: DicomTargets) -> list[InputError]:
    output = DicomOutput(targets, SOFTWARE)
    output.add(Path(film.result.file_name), PIXELS, film.result)
    return output.write_reports()


def test_each_object_goes_to_its_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (tmp_path / "in").mkdir()
    film = found_film(tmp_path / "in", BENIGN)
    targets = DicomTargets(
        report_dir=out / "sr", presentation_dir=out / "gsps", capture_dir=out / "sc"
    )

    assert written(film, targets) == []
    assert [names(out / kind) for kind in ("sr", "gsps", "sc")] == [
        ["measurements"],
        ["gsps"],
        ["sc"],
    ]


def test_a_film_without_boxes_has_no_presentation_state(tmp_path: Path) -> None:
    film = found_film(tmp_path)
    targets = DicomTargets(presentation_dir=tmp_path / "out", capture_dir=tmp_path / "out")

    assert written(film, targets) == []
    assert names(tmp_path / "out") == ["sc"]


def test_a_picture_of_another_format_is_refused_by_name(tmp_path: Path) -> None:
    film = found_film(tmp_path)
    (tmp_path / "film.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2000))
    output = DicomOutput(DicomTargets(report_dir=tmp_path), SOFTWARE)

    with pytest.raises(InputError, match=r"film\.png: no DICOM file"):
        output.add(tmp_path / "film.png", PIXELS, film.result)
