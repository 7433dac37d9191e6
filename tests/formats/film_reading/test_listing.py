import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from formats.errors import InputError
from formats.film_reading.listing import HIDDEN, MASKS, OTHERS, OUTPUTS, FilmListing, list_films


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")


def shown(listing: FilmListing, root: Path) -> tuple[list[str], dict[str, list[str]]]:
    left_out = {
        reason: [path.relative_to(root).as_posix() for path in paths]
        for reason, paths in listing.left_out.items()
    }
    return [path.relative_to(root).as_posix() for path in listing.films], left_out


def test_films_below_a_folder_come_in_order(tmp_path: Path) -> None:
    make(tmp_path, "z.PNG", "b/a.jpg", "b/c.tiff")

    assert shown(list_films([tmp_path]), tmp_path) == (["b/a.jpg", "b/c.tiff", "z.PNG"], {})


def test_what_is_no_film_is_left_out_and_counted(tmp_path: Path) -> None:
    masks = ["A_1.LEFT_CC_Mask.jpg", "A_1.LEFT_CC_Mask2.jpg", "Masks/a.png", "a-mask.png"]
    masks += ["aMask.png", "b_MASK_1.png", "mask.png"]
    hidden = [".cache/a.png", "._a.png", "__MACOSX/a.png"]
    outputs = ["a_annotated.png", "a_overlay.png", "out/a.png", "out/results.json"]
    others = ["1.dcm", "2.dcm", "notes.txt", "README"]
    make(tmp_path, "a.png", "unmasked.png", *masks, *hidden, *outputs, *others)

    listing = list_films([tmp_path], tmp_path / "out")

    films, left_out = shown(listing, tmp_path)
    assert films == ["a.png", "unmasked.png"]
    assert left_out == {
        MASKS: sorted(masks),
        HIDDEN: sorted(hidden),
        OUTPUTS: sorted(outputs),
        OTHERS: sorted(others),
    }
    notes = listing.notes()
    assert any(note.startswith("masks left out: 7, such as ") for note in notes)
    assert any(note.endswith("(2 .dcm, 1 without ending, 1 .txt)") for note in notes)


def test_a_file_that_is_given_itself_is_taken_whatever_its_name(tmp_path: Path) -> None:
    make(tmp_path, "a_Mask.png", "b_annotated.png", "c.dcm")
    given = sorted(tmp_path.iterdir())

    assert list_films(given).films == given


def test_nothing_is_listed_twice(tmp_path: Path) -> None:
    make(tmp_path, "a.png", "b.png")

    listing = list_films([tmp_path / "b.png", tmp_path, tmp_path])
    assert listing.films == [tmp_path / "b.png", tmp_path / "a.png"]


@pytest.mark.parametrize("output", [".", ".."])
def test_outputs_may_go_into_the_folder_of_the_films(tmp_path: Path, output: str) -> None:
    films = tmp_path / "films"
    make(films, "a.png", "a_annotated.png")

    assert shown(list_films([films], films / output), films)[0] == ["a.png"]


def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    make(tmp_path, "root/a.png", "elsewhere/b.png")
    root = tmp_path / "root"
    (root / "linked").symlink_to(tmp_path / "elsewhere")
    (root / "loop").symlink_to(root)
    (root / "gone.png").symlink_to(tmp_path / "gone")

    # A broken link is named as a film that cannot be read, not left out.
    assert shown(list_films([root]), root) == (["a.png", "gone.png", "linked/b.png"], {})


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    make(tmp_path, "a.png")
    os.mkfifo(tmp_path / "pipe.png")

    assert shown(list_films([tmp_path]), tmp_path) == (["a.png"], {OTHERS: ["pipe.png"]})


def test_a_folder_that_cannot_be_listed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "a.png", "closed/b.png")
    scandir = os.scandir

    def refuse(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    # Not by mode bits: the superuser may read everything.
    monkeypatch.setattr(os, "scandir", refuse)
    listing = list_films([tmp_path])

    assert listing.films == [tmp_path / "a.png"]
    assert [str(tmp_path / "closed") in str(error) for error in listing.unreadable_folders] == [
        True
    ]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.png: no such file"):
        list_films([tmp_path / "gone.png"])


def test_a_folder_without_films_is_refused_and_says_what_it_holds(tmp_path: Path) -> None:
    make(tmp_path, "notes.txt", "a_mask.png")

    with pytest.raises(
        InputError, match=r"no image in this folder.*masks left out: 1.*other kinds left out: 1"
    ):
        list_films([tmp_path])


def test_a_pattern_stands_for_the_films_that_it_matches(tmp_path: Path) -> None:
    make(tmp_path, "a/1.png", "a/b/2.png", "a/b/2_Mask.png", "c/3.png", "a/notes.txt", "4.png")

    films, left_out = shown(list_films([f"{tmp_path}/a/**/*"]), tmp_path)
    assert films == ["a/1.png", "a/b/2.png"]
    assert left_out == {MASKS: ["a/b/2_Mask.png"], OTHERS: ["a/notes.txt"]}
    assert shown(list_films([f"{tmp_path}/?/*.png"]), tmp_path)[0] == ["a/1.png", "c/3.png"]


def test_a_pattern_of_the_current_folder_and_of_the_one_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "a.png", "below/b.png", "b_annotated_box1.jpg")
    monkeypatch.chdir(tmp_path / "below")

    assert list_films(["*.png", "../*.png"]).films == [Path("b.png"), Path("../a.png")]


def test_what_is_there_is_no_pattern(tmp_path: Path) -> None:
    make(tmp_path, "a[1].png", "a1.png", "@list.png")

    assert list_films([tmp_path / "a[1].png"]).films == [tmp_path / "a[1].png"]
    assert list_films([tmp_path / "@list.png"]).films == [tmp_path / "@list.png"]


def test_a_pattern_without_films_is_refused(tmp_path: Path) -> None:
    make(tmp_path, "a.png")

    with pytest.raises(InputError, match=r"\*\.tiff: no file matches this pattern"):
        list_films([f"{tmp_path}/*.tiff", tmp_path / "a.png"])


def test_a_list_has_a_word_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a b.png", "folder/c.png", "d1.png", "d2.png", "z.png")
    lines = "\ufeffz.png\r\na b.png\r\n\r\nfolder\nd*.png\nz.png"
    (tmp_path / "list.txt").write_text(lines, encoding="utf-8", newline="")
    monkeypatch.chdir(tmp_path)

    names = ["z.png", "a b.png", "folder/c.png", "d1.png", "d2.png"]
    assert list_films(["@list.txt"]).films == [Path(name) for name in names]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        (b"\n \n", "names no film"),
        (b"\x89PNG\0\0", "not a list"),
        (b"gone.png\n", r"gone\.png: no such file"),
    ],
)
def test_a_list_of_nothing_is_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "list.txt").write_bytes(content)

    with pytest.raises(InputError, match=message):
        list_films([f"@{tmp_path / 'list.txt'}"])


def test_a_film_given_by_two_paths_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.png")
    monkeypatch.chdir(tmp_path)

    given = ["a.png", tmp_path / "a.png", tmp_path, "../" + tmp_path.name + "/a.png"]
    assert list_films(given).films == [Path("a.png")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_list_in_utf_16_is_refused_with_what_is_wanted(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "list.txt").write_bytes("\ufeffa.png\n".encode(encoding))

    with pytest.raises(InputError, match="UTF-16; save it as UTF-8"):
        list_films([f"@{tmp_path / 'list.txt'}"])
