from dataclasses import asdict
from pathlib import Path

import pytest

from formats.errors import InputError
from formats.shards import Shard, parse_part, part_of, shard_of, whole_path


@pytest.mark.parametrize("item_count", [0, 1, 5, 6, 7])
@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_parts_one_after_the_other_are_the_whole(item_count: int, count: int) -> None:
    items = list(range(item_count))
    parts = [Shard(number, count).of(items) for number in range(1, count + 1)]

    assert [item for part in parts for item in part] == items
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_part_is_read() -> None:
    assert shard_of("2/3") == Shard(2, 3)
    assert Shard(3, 3).of("abcdefg") == ["e", "f", "g"]


@pytest.mark.parametrize("words", ["", "3", "0/3", "4/3", "-1/3", "1/3/5", "a/b", "1/0", "1.0/2"])
def test_what_is_no_part_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="no part; write i/n"):
        shard_of(words)


def test_names_of_files_of_parts() -> None:
    path = Shard(2, 13).beside(Path("out/results.json"))

    assert path == Path("out/results.part2of13.json")
    assert whole_path(path) == Path("out/results.json")
    assert whole_path(Path("out/results.json")) is None
    assert whole_path(Path("out/results.part2of13.coco.json")) is None


def test_parts_know_the_films_of_all() -> None:
    first = part_of(Shard(1, 2), ["a.png", "f_\udce4.png"], {})

    assert first.films_sha256 == part_of(Shard(2, 2), ["a.png", "f_\udce4.png"], {}).films_sha256
    assert first.films_sha256 != part_of(Shard(1, 2), ["a.pngf_\udce4.png"], {}).films_sha256


def test_parts_know_the_run() -> None:
    first, second = (part_of(Shard(number, 2), ["a.png"], {"x": 1}) for number in (1, 2))

    assert first.run_sha256 == second.run_sha256
    assert first.run_sha256 != part_of(Shard(1, 2), ["a.png"], {"x": 2}).run_sha256


def test_a_part_is_read_as_it_was_written() -> None:
    part = part_of(Shard(1, 2), ["a.png"], {"x": 1})

    assert parse_part("", asdict(part)) == part
    # From before parts knew of their run.
    assert parse_part("", {"number": 1, "count": 2, "films_sha256": "a"}).run_sha256 is None


@pytest.mark.parametrize("raw", [3, {}, {"number": 3, "count": 2, "films_sha256": "a"}])
def test_an_impossible_part_is_named(raw: object) -> None:
    with pytest.raises(InputError, match=r"results\.json: part is .*no part of a run"):
        parse_part("results.json: part", raw)
