from pathlib import Path

import pytest

from converters.ddsm_files.disk import DiskIndex, Match
from converters.records import FindingKind
from formats.errors import InputError


@pytest.fixture
def disk(tmp_path: Path) -> DiskIndex:
    for name in ("Cancer/01/a.jpg", "Cancer/01/a_Mask2.jpg", "Cancer/01/A.overlay",
                 "Cancer/02/b.png", "out/b.png"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    return DiskIndex(tmp_path, skipped_dir=tmp_path / "out")


def test_lists_files_with_sizes_and_skips_the_output(disk: DiskIndex) -> None:
    assert disk.sizes_bytes == dict.fromkeys(
        ["Cancer/01/A.overlay", "Cancer/01/a.jpg", "Cancer/01/a_Mask2.jpg", "Cancer/02/b.png"], 5
    )
    assert disk.path("Cancer/01/a.jpg").read_bytes() == b"12345"


@pytest.mark.parametrize(
    ("wanted", "found", "overlooked"),
    [
        ("Cancer/01/a.jpg", "Cancer/01/a.jpg", None),
        ("Cancer/01/a_MASK2.jpg", "Cancer/01/a_Mask2.jpg",
         FindingKind.NAME_MATCHED_IGNORING_CASE),
        ("CANCER/01/A.JPG", "Cancer/01/a.jpg", FindingKind.NAME_MATCHED_IGNORING_CASE),
        ("Cancer/02/b.jpg", "Cancer/02/b.png", FindingKind.NAME_MATCHED_IGNORING_ENDING),
        ("Tumour/7/B.jpg", "Cancer/02/b.png", FindingKind.FOUND_IN_OTHER_FOLDER),
    ],
)  # fmt: skip
def test_finds_what_the_table_means(
    disk: DiskIndex, wanted: str, found: str, overlooked: FindingKind | None
) -> None:
    assert disk.find(wanted) == Match(found, overlooked)


def test_says_when_nothing_matches(disk: DiskIndex) -> None:
    assert disk.find("Cancer/01/c.jpg") is None
    # Another ending means another image format, not the text beside it.
    assert disk.find("Cancer/01/A_.jpg") is None


def test_finds_the_text_beside_a_film(disk: DiskIndex) -> None:
    assert disk.find_beside("Cancer/01/a.jpg", ".OVERLAY") == "Cancer/01/A.overlay"
    assert disk.find_beside("Cancer/02/b.png", ".OVERLAY") is None


def test_exact_name_wins_over_its_twin_in_another_case(tmp_path: Path) -> None:
    for name in ("m_MASK.jpg", "m_Mask.jpg"):
        (tmp_path / name).touch()

    assert DiskIndex(tmp_path).find("m_Mask.jpg") == Match("m_Mask.jpg", None)


def test_missing_root_names_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere: no such folder; give the one that holds"):
        DiskIndex(tmp_path / "nowhere")
