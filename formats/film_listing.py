"""Which files of the given folders are films; what is left out is said, never silently."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from formats.errors import InputError
from formats.films import IMAGE_SUFFIXES, is_film_file, is_study_index

ANNOTATED_ENDING = "_annotated.png"
# "_overlay.png" ended the name of an annotated film in earlier versions.
OUTPUT_ENDINGS = (ANNOTATED_ENDING, "_overlay.png")
# What `dicom_objects.files` calls its files.
DICOM_OUTPUT = re.compile(r"(measurements|cad|gsps|sc)_[\d.]+\.dcm")
# A word of its own: A_Mask2.png, mask-1.png, filmMask.png, but not unmasked.png.
MASK = re.compile(r"((?<![A-Za-z])[Mm]|(?<![A-Za-z])M(?=ASK)|(?<=[a-z])M)(ask|ASK)[sS]?(?![a-z])")
MACOS_FOLDER = "__MACOSX"

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


def list_films(given: Sequence[Path], output_dir: Path | None = None) -> FilmListing:
    """List the given files, whatever they are called, and the films below the given folders.

    Args:
        given: files and folders.
        output_dir: where this program writes; what is below it is no film, unless the given
            folder is it or lies in it.

    A DICOMDIR stands for the folder that it is in.

    Raises:
        InputError: something given is not there, or there is no film at all.
    """
    films: dict[Path, None] = {}
    left_out: dict[str, list[Path]] = defaultdict(list)
    unreadable: list[InputError] = []
    for path in given:
        if not path.exists() and not path.is_symlink():
            raise InputError(f"{path}: no such file or folder; check the path")
        if path.is_file() and is_study_index(path):
            path = path.parent
        if not path.is_dir():
            films[path] = None
            continue
        for below in sorted(_files_below(path, unreadable)):
            reason = _reason_to_leave_out(below, path, output_dir)
            if reason is None:
                films[below] = None
            else:
                left_out[reason].append(below)
    listing = FilmListing(films=list(films), left_out=left_out, unreadable_folders=unreadable)
    if not films:
        folders = ", ".join(map(str, given))
        details = [*map(str, unreadable), *listing.notes()]
        raise InputError(
            f"{folders}: no image in this folder (looked for {sorted(IMAGE_SUFFIXES)} and DICOM)"
            + "".join(f"; {detail}" for detail in details)
        )
    return listing


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
    if path.name.endswith(OUTPUT_ENDINGS) or DICOM_OUTPUT.fullmatch(path.name):
        return True
    if output_dir is None or given.resolve().is_relative_to(output_dir.resolve()):
        return False
    return path.resolve().is_relative_to(output_dir.resolve())


def _kinds(reason: str, paths: Sequence[Path]) -> str:
    if reason != OTHERS:
        return ""
    counts = Counter(path.suffix.lower() or "without ending" for path in paths)
    return " (" + ", ".join(f"{count} {kind}" for kind, count in counts.most_common()) + ")"
