"""The parts of a run put together: the same bytes as one run's."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from formats.coco import read_json, write_json
from formats.errors import InputError
from formats.results import Results, read_results, write_results
from formats.shards import Part, whole_path
from pipeline.cases.grouping import repeated_views, with_cases
from pipeline.many_films.journal import journal_path
from pipeline.many_films.result_files import coco_results_path, table_path, write_table

PARTS = "*.part*of*.json"


class PartFile(NamedTuple):
    """A part's results file, read."""

    path: Path
    results: Results
    part: Part


def part_paths(given: Sequence[Path]) -> list[Path]:
    """Return the results files of parts that files and folders stand for.

    Raises:
        InputError: a folder has none.
    """
    paths: dict[Path, None] = {}
    for path in given:
        if not path.is_dir():
            paths[path] = None
            continue
        found = [part for part in sorted(path.glob(PARTS)) if whole_path(part)]
        # COCO's lists have a part's name and one ending more, so that they are none.
        if not found:
            raise InputError(
                f"{path}: no part of a run in this folder (looked for {PARTS}); give the folder "
                "that --shard was run with, or the results files"
            )
        paths |= dict.fromkeys(found)
    return list(paths)


def merged_path(paths: Sequence[Path]) -> Path | None:
    """Return where the whole goes by the parts' names; None where they do not agree."""
    wholes = {whole_path(path) for path in paths}
    return wholes.pop() if len(wholes) == 1 else None


def merge_parts(paths: Sequence[Path], output: Path) -> list[InputError]:
    """Write the whole's results file, COCO's list, and the table if the parts have one.

    Returns:
        An error for each view of a breast that films, of one part or of several, claim to be.

    Raises:
        InputError: a file is no part, a part was stopped, parts are missing or stand twice, or
            they are of different runs.
    """
    _require_ended(paths)
    parts = sorted((_read_part(path) for path in paths), key=lambda part: part.part.number)
    _require_one_run(parts)
    _require_all(parts)
    images = [image for part in parts for image in part.results.images]
    whole = with_cases(replace(parts[0].results, images=images, part=None))
    records = [record for part in parts for record in _coco_records(part.path)]
    write_json(records, coco_results_path(output))
    if all(table_path(part.path).exists() for part in parts):
        write_table(whole, output)
    write_results(whole, output)
    return repeated_views(images)


def _require_ended(paths: Sequence[Path]) -> None:
    for path in paths:
        if journal_path(path).exists():
            raise InputError(
                f"{path}: its run was stopped or is under way ({journal_path(path)} is there); "
                "finish it with the same command, of `mammo infer` with --resume"
            )


def _read_part(path: Path) -> PartFile:
    results = read_results(path)
    if results.part is None:
        raise InputError(
            f"{path}: the results of a whole run, not of a part; give what --shard i/n wrote"
        )
    return PartFile(path, results, results.part)


def _require_one_run(parts: Sequence[PartFile]) -> None:
    first = parts[0]
    for other in parts[1:]:
        if _whole_of(other.part) != _whole_of(first.part):
            difference = "another list of films or number of parts"
        elif _run_of(other) != _run_of(first):
            difference = "other models or options"
        else:
            continue
        raise InputError(
            f"{other.path}: of a run with {difference} than {first.path}; give the parts of one run"
        )


def _run_of(part: PartFile) -> Results:
    """Return what all parts of a run have in common beside its films."""
    common = replace(part.part, number=1)
    return replace(part.results, images=[], part=common, breasts=None, cases=None)


def _whole_of(part: Part) -> tuple[int, str]:
    return part.count, part.films_sha256


def _require_all(parts: Sequence[PartFile]) -> None:
    count = parts[0].part.count
    found = Counter(part.part.number for part in parts)
    twice = sorted(number for number, times in found.items() if times > 1)
    missing = [number for number in range(1, count + 1) if number not in found]
    for numbers, fault in ((twice, "given twice"), (missing, "missing")):
        if numbers:
            shown = ", ".join(f"{number}/{count}" for number in numbers[:5])
            raise InputError(
                f"{parts[0].path.parent}: of {count} parts {len(numbers)} are {fault}, such as "
                f"{shown}; give each part once"
            )


def _coco_records(part_path: Path) -> list[object]:
    path = coco_results_path(part_path)
    records = read_json(path)
    if not isinstance(records, list):
        raise InputError(f"{path}: not a COCO results list; run this part again")
    return records
