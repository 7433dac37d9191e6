from converters.notes import Notes
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
