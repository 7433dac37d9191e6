"""Which files are films among those that folders, patterns and lists of files stand for.

What is left out is said, never silently.
"""

import codecs
import glob
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from formats.errors import InputError
from formats.film_reading.reader import IMAGE_SUFFIXES, is_film_file, is_study_index

ANNOTATED = "_annotated"
"""Ends the name of an annotated film, and is in those of its crops: A_annotated_box1.png."""
# "_overlay.png" ended the name of an annotated film in earlier versions.
PICTURE_OUTPUT = re.compile(rf".*({ANNOTATED}(_box\d+)?\.(png|jpg)|_overlay\.png)", re.DOTALL)
# What `dicom_objects.files` calls its files.
DICOM_OUTPUT = re.compile(r"(measurements|cad|gsps|sc)_[\d.]+\.dcm")
# A word of its own: A_Mask2.png, mask-1.png, filmMask.png, but not unmasked.png.
MASK = re.compile(r"((?<![A-Za-z])[Mm]|(?<![A-Za-z])M(?=ASK)|(?<=[a-z])M)(ask|ASK)[sS]?(?![a-z])")
MACOS_FOLDER = "__MACOSX"
LIST_SIGN = "@"

MASKS = "masks"
HIDDEN = "hidden files and companions"
OUTPUTS = "earlier outputs"
OTHERS = "files of other kinds"


@dataclass(frozen=True, kw_only=True)
class FilmListing:
    """The films among the given files and folders, and what else is there."""

    films: list[Path]
    left_out: dict[str, list[Path]]
    """Files that are no films, by why."""
    unreadable_folders: list[InputError]

    def notes(self) -> list[str]:
        """Return a sentence for each reason to leave files out, with their number."""
        return [
            f"{reason} left out: {len(paths)}, such as {paths[0]}{_kinds(reason, paths)}"
            for reason, paths in self.left_out.items()
        ]


def list_films(given: Sequence[Path | str], output_dir: Path | None = None) -> FilmListing:
    """List the films that words of a command line stand for, each once, in the words' order.

    A file is taken whatever it is called. A folder stands for the films below it, a DICOMDIR for
    the folder that it is in, a pattern (`*`, `?`, `[`, and `**` for any folders) for the films
    among what it matches, `@FILE` for the words in a text file, one a line. What is there under
    such a name is taken as it is.

    Args:
        given: the words.
        output_dir: where this program writes; what is below it is no film, unless the given
            folder is it or lies in it.

    Raises:
        InputError: something given is not there, or there is no film at all.
    """
    films: dict[Path, Path] = {}
    left_out: dict[str, list[Path]] = defaultdict(list)
    unreadable: list[InputError] = []
    words = list(_without_lists(map(str, given)))
    for word in words:
        if is_there(word) and not _folder_of(word):
            films.setdefault(Path(word).resolve(), Path(word))
            continue
        base, files = _stood_for(word, unreadable)
        for path in files:
            reason = _reason_to_leave_out(path, base, output_dir)
            if reason is None:
                films.setdefault(path.resolve(), path)
            else:
                left_out[reason].append(path)
    listing = FilmListing(
        films=list(films.values()), left_out=left_out, unreadable_folders=unreadable
    )
    if not films:
        details = [*map(str, unreadable), *listing.notes()]
        raise InputError(
            f"{', '.join(words)}: no image in this folder (looked for {sorted(IMAGE_SUFFIXES)} and "
            "DICOM)" + "".join(f"; {detail}" for detail in details)
        )
    return listing


def is_there(word: str) -> bool:
    """Whether there is such a file, folder or link, broken ones included."""
    return os.path.lexists(word)


def _without_lists(words: Iterable[str]) -> Iterator[str]:
    """Put the lines of a list in the place of its name."""
    for word in words:
        if word.startswith(LIST_SIGN) and not is_there(word):
            yield from _lines(Path(word.removeprefix(LIST_SIGN)))
        else:
            yield word


def _lines(path: Path) -> list[str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{LIST_SIGN}{path}: the list cannot be read ({error.strerror}); check the path"
        ) from error
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(f"{LIST_SIGN}{path}: the list is in UTF-16; save it as UTF-8")
    # File names need not be UTF-8.
    text = content.decode("utf-8-sig", errors="surrogateescape")
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    words = [line for line in lines if line.strip()]
    if not words:
        raise InputError(f"{LIST_SIGN}{path}: the list names no film; write one path a line")
    if any("\0" in word for word in words):
        raise InputError(f"{LIST_SIGN}{path}: not a list of paths; name an image without the @")
    return words


def _folder_of(word: str) -> Path | None:
    """Return the folder that a name stands for."""
    path = Path(word)
    if path.is_file() and is_study_index(path):
        return path.parent
    return path if path.is_dir() else None


def _stood_for(word: str, unreadable: list[InputError]) -> tuple[Path, list[Path]]:
    """Return what a folder or pattern stands for, sorted, and the folder that it is below.

    Raises:
        InputError: there is nothing.
    """
    folder = _folder_of(word)
    if folder is not None:
        return folder, sorted(_files_below(folder, unreadable))
    if not glob.has_magic(word):
        raise InputError(f"{word}: no such file or folder; check the path")
    files: set[Path] = set()
    # Not `Path.glob`, which knows no absolute patterns and finds hidden files.
    for match in glob.iglob(word, recursive=True):  # noqa: PTH207
        path = Path(match)
        files.update(_files_below(path, unreadable) if path.is_dir() else [path])
    if not files:
        raise InputError(f"{word}: no file matches this pattern; check it")
    return _fixed_folder(word), sorted(files)


def _fixed_folder(pattern: str) -> Path:
    """Return the folders of a pattern before the first that has a sign of its own."""
    return Path(*takewhile(lambda part: not glob.has_magic(part), Path(pattern).parts))


def _files_below(folder: Path, unreadable: list[InputError]) -> Iterator[Path]:
    """Yield all files, links followed once, and note the folders that cannot be listed."""

    def note(error: OSError) -> None:
        unreadable.append(
            InputError(
                f"{error.filename}: cannot be listed ({error.strerror}), so its films are left "
                "out; check its permissions"
            )
        )

    seen: set[str] = set()
    for root, folders, names in os.walk(folder, onerror=note, followlinks=True):
        real = os.path.realpath(root)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        yield from (Path(root) / name for name in names)


def _reason_to_leave_out(path: Path, given: Path, output_dir: Path | None) -> str | None:
    parts = path.relative_to(given).parts
    if any(part.startswith(".") or part == MACOS_FOLDER for part in parts):
        return HIDDEN
    if _is_output(path, given, output_dir):
        return OUTPUTS
    if not _may_be_film(path):
        return OTHERS
    if any(MASK.search(part) for part in (*parts[:-1], path.stem)):
        return MASKS
    return None


def _may_be_film(path: Path) -> bool:
    """Whether it is a film; a broken link with a picture's name is one, which reading will name."""
    is_pipe_or_socket = path.exists() and not path.is_file()
    return not is_pipe_or_socket and is_film_file(path)


def _is_output(path: Path, given: Path, output_dir: Path | None) -> bool:
    if PICTURE_OUTPUT.fullmatch(path.name) or DICOM_OUTPUT.fullmatch(path.name):
        return True
    if output_dir is None or given.resolve().is_relative_to(output_dir.resolve()):
        return False
    return path.resolve().is_relative_to(output_dir.resolve())


def _kinds(reason: str, paths: Sequence[Path]) -> str:
    if reason != OTHERS:
        return ""
    counts = Counter(path.suffix.lower() or "without ending" for path in paths)
    return " (" + ", ".join(f"{count} {kind}" for kind, count in counts.most_common()) + ")"
