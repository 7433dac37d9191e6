from pathlib import Path

import pytest
from reliability.film_corpus import deflated_bomb, dicom_bytes, film

from formats.dicom_reading import deflation
from formats.dicom_reading.deflation import DEFLATED_SYNTAX, check_unfolded_size
from formats.errors import InputError


def test_what_unfolds_to_more_than_a_film_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deflation, "MOST_BYTES", 2_000_000)
    path = tmp_path / "film.dcm"
    path.write_bytes(deflated_bomb(megabytes=3))
    with pytest.raises(InputError, match=r"film\.dcm: unfolds to more than 2,000,000 bytes"):
        check_unfolded_size(path)

    path.write_bytes(deflated_bomb(megabytes=1))
    check_unfolded_size(path)


@pytest.mark.parametrize(
    "content",
    [b"", bytes(200), bytes(128) + b"DICM", dicom_bytes(film(), None)],
    # The last has UIDs of its own each time.
    ids=["empty", "no DICOM", "preamble alone", "film"],
)
def test_what_is_not_deflated_passes(content: bytes, tmp_path: Path) -> None:
    assert DEFLATED_SYNTAX not in content
    (tmp_path / "film.dcm").write_bytes(content)
    check_unfolded_size(tmp_path / "film.dcm")
