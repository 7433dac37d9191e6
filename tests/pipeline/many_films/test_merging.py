from dataclasses import replace
from pathlib import Path

import pytest

from formats.coco import read_json, write_json
from formats.errors import InputError
from formats.results import ImageResult, Results, read_results, write_results
from formats.shards import Shard, part_of
from pipeline.many_films.merging import merge_parts, merged_path, part_paths

NAMES = ["a.png", "b.png", "c.png"]
RUN = {"operating_point": "balanced"}
SCORES = {"Normal": 1.0, "Benign": 0.0, "Cancer": 0.0}
WHOLE = Results(
    method="two_stage",
    models=[],
    images=[
        ImageResult(file_name=name, width=32, height=32, label="Normal", scores=SCORES)
        for name in NAMES
    ],
)


def write_parts(folder: Path, count: int = 3) -> list[Path]:
    paths = []
    for number in range(1, count + 1):
        shard = Shard(number, count)
        path = shard.beside(folder / "results.json")
        part = replace(WHOLE, images=shard.of(WHOLE.images), part=part_of(shard, NAMES, RUN))
        write_results(part, path)
        write_json([{"image_id": number}], path.with_suffix(".coco.json"))
        paths.append(path)
    return paths


def test_parts_in_any_order_are_the_whole(tmp_path: Path) -> None:
    paths = write_parts(tmp_path)
    output = tmp_path / "results.json"
    merge_parts(paths[::-1], output)

    assert read_results(output) == WHOLE
    assert read_json(tmp_path / "results.coco.json") == [{"image_id": n} for n in (1, 2, 3)]
    assert not (tmp_path / "results.csv").exists()


def test_parts_are_found_in_a_folder(tmp_path: Path) -> None:
    paths = write_parts(tmp_path)
    write_results(WHOLE, tmp_path / "other.json")

    assert part_paths([tmp_path]) == paths
    assert merged_path(paths) == tmp_path / "results.json"
    assert merged_path([*paths, Path("elsewhere/results.part1of2.json")]) is None


def test_a_folder_without_parts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no part of a run in this folder"):
        part_paths([tmp_path])


def test_a_missing_part_and_one_given_twice_are_named(tmp_path: Path) -> None:
    first, second, third = write_parts(tmp_path)

    with pytest.raises(InputError, match=r"of 3 parts 1 are missing, such as 2/3"):
        merge_parts([first, third], tmp_path / "results.json")
    with pytest.raises(InputError, match=r"1 are given twice, such as 2/3"):
        merge_parts([first, second, second, third], tmp_path / "results.json")
    assert not (tmp_path / "results.json").exists()


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"box_convention": "tight"}, "other models or options"),
        ({"lowest_score": 0.5}, "other models or options"),
        (
            {"part": part_of(Shard(2, 3), NAMES, {"operating_point": "x"})},
            "other models or options",
        ),
        ({"part": part_of(Shard(2, 3), ["d.png"], RUN)}, "another list of films"),
        ({"part": part_of(Shard(2, 4), NAMES, RUN)}, "number of parts"),
    ],
)
def test_parts_of_another_run_are_named(
    tmp_path: Path, change: dict[str, object], difference: str
) -> None:
    paths = write_parts(tmp_path)
    write_results(replace(read_results(paths[1]), **change), paths[1])

    with pytest.raises(InputError, match=rf"part2of3\.json: of a run with .*{difference}"):
        merge_parts(paths, tmp_path / "results.json")


def test_a_part_whose_run_was_stopped_is_refused(tmp_path: Path) -> None:
    paths = write_parts(tmp_path)
    journal = tmp_path / "results.part2of3.json.journal"
    journal.write_text("")

    with pytest.raises(InputError, match=r"part2of3\.json: its run was stopped .*--resume"):
        merge_parts(paths, tmp_path / "results.json")
    assert not (tmp_path / "results.json").exists()


def test_a_view_that_stands_in_two_parts_is_said(tmp_path: Path) -> None:
    paths = write_parts(tmp_path)
    for path in paths[:2]:
        part = read_results(path)
        known = [replace(i, case_id="C_1", side="LEFT", view="CC") for i in part.images]
        write_results(replace(part, images=known), path)

    (error,) = merge_parts(paths, tmp_path / "results.json")
    assert "a.png, b.png: all are C_1 LEFT CC" in str(error)


def test_a_whole_is_no_part(tmp_path: Path) -> None:
    write_results(WHOLE, tmp_path / "whole.json")

    with pytest.raises(InputError, match="results of a whole run"):
        merge_parts([tmp_path / "whole.json"], tmp_path / "results.json")
