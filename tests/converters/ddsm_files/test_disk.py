import os
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


def test_a_name_that_only_case_tells_apart_goes_before_one_of_another_ending(
    tmp_path: Path,
) -> None:
    for name in ("x/a.png", "x/A.jpg", "y/a.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    disk = DiskIndex(tmp_path)

    assert disk.find("x/a.JPG") == Match("x/A.jpg", FindingKind.NAME_MATCHED_IGNORING_CASE)
    # Of several that match, the first by name.
    assert disk.find("x/a.tif") == Match("x/A.jpg", FindingKind.NAME_MATCHED_IGNORING_ENDING)
    assert disk.find("z/a.tif") == Match("x/A.jpg", FindingKind.FOUND_IN_OTHER_FOLDER)


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


def test_links_that_lead_round_are_followed_once(tmp_path: Path) -> None:
    folders = [tmp_path / "root" / name for name in "abcdefghij"]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "film.png").touch()
    # Followed anew on each way, these would be millions of paths.
    for folder in folders:
        for other in folders:
            (folder / f"to_{other.name}").symlink_to(other)

    disk = DiskIndex(tmp_path / "root")

    assert list(disk.sizes_bytes) == [f"{folder.name}/film.png" for folder in folders]
    assert disk.unlisted == {}


def test_a_folder_elsewhere_is_listed_by_its_first_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "01").mkdir(parents=True)
    (tmp_path / "elsewhere" / "01" / "film.png").touch()
    (tmp_path / "root").mkdir()
    for name in ("Malignant", "Cancer"):
        (tmp_path / "root" / name).symlink_to(tmp_path / "elsewhere")

    assert list(DiskIndex(tmp_path / "root").sizes_bytes) == ["Cancer/01/film.png"]


def test_a_link_to_itself_is_named_and_the_rest_listed(tmp_path: Path) -> None:
    (tmp_path / "film.png").touch()
    (tmp_path / "round").symlink_to(tmp_path / "round")

    disk = DiskIndex(tmp_path)

    assert list(disk.sizes_bytes) == ["film.png"]
    assert list(disk.unlisted) == ["round"]


def test_a_folder_that_cannot_be_listed_is_named_and_the_rest_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Cancer", "Normal"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "film.png").touch()
    scan = os.scandir

    def scan_some(folder: str) -> object:
        if folder.endswith("Cancer"):
            raise PermissionError(13, "Permission denied", folder)
        return scan(folder)

    monkeypatch.setattr(os, "scandir", scan_some)
    disk = DiskIndex(tmp_path)

    assert list(disk.sizes_bytes) == ["Normal/film.png"]
    assert disk.unlisted == {"Cancer": "Permission denied"}


def test_a_root_that_cannot_be_listed_is_an_input_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: str) -> object:
        raise PermissionError(13, "Permission denied", folder)

    monkeypatch.setattr(os, "scandir", refuse)

    with pytest.raises(InputError) as error:
        DiskIndex(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: cannot be listed (Permission denied); check its rights"
    )


def test_missing_root_names_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        DiskIndex(tmp_path / "nowhere")
    assert str(error.value) == (
        f"{tmp_path / 'nowhere'}: no such folder; give the one that holds Benign and Cancer"
    )
