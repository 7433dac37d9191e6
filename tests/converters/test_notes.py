from pathlib import Path

import pytest

from converters.ddsm_files.disk import DiskIndex
from converters.notes import Notes, find_noting
from converters.records import Finding, FindingKind
from formats.errors import InputError


def test_error_is_noted_without_its_folder() -> None:
    notes = Notes()

    error = InputError("/home/me/data/Normal/0001/a.jpg: the file is empty; copy it again")
    notes.add_error(FindingKind.IMAGE_UNREADABLE, "Normal/0001/a.jpg", error)

    assert notes.findings == [
        Finding(
            kind=FindingKind.IMAGE_UNREADABLE,
            file="Normal/0001/a.jpg",
            detail="the file is empty; copy it again",
        )
    ]


def test_joining_takes_over_everything() -> None:
    notes, other = Notes(used_files={"a"}), Notes(used_files={"b"})
    other.add(FindingKind.STRAY_FILE, "c", "d")

    notes.join(other)

    assert notes.used_files == {"a", "b"}
    assert notes.findings == [Finding(kind=FindingKind.STRAY_FILE, file="c", detail="d")]


@pytest.mark.parametrize(
    ("wanted", "found", "kind", "detail"),
    [
        ("A.JPG", "a.jpg", FindingKind.NAME_MATCHED_IGNORING_CASE, "found as a.jpg"),
        ("b.jpg", None, FindingKind.MASK_MISSING, "not on disk"),
    ],
)
def test_what_had_to_be_overlooked_and_what_is_missing_is_noted(
    tmp_path: Path, wanted: str, found: str | None, kind: FindingKind, detail: str
) -> None:
    (tmp_path / "a.jpg").touch()
    notes = Notes()

    assert find_noting(wanted, DiskIndex(tmp_path), notes, FindingKind.MASK_MISSING) == found
    assert notes.findings == [Finding(kind=kind, file=wanted, detail=detail)]
    assert notes.used_files == ({found} if found else set())
