from pathlib import Path

import pytest

from formats.coco import CocoDataset, CocoImage
from formats.errors import InputError
from formats.leaks import Shared, refuse_leak, same_files, shared_by_name


def dataset(*named: tuple[str, str | None]) -> CocoDataset:
    images: list[CocoImage] = [
        {"id": number, "file_name": name, "width": 9, "height": 9, "case_id": case}  # type: ignore[typeddict-item]
        for number, (name, case) in enumerate(named, start=1)
    ]
    return CocoDataset(images=images, annotations=[])


OURS = dataset(("a.png", "P_1"), ("b.png", "P_2"), ("c.png", None), ("d.png", ""))
THEIRS = dataset(("e.png", "P_2"), ("c.png", None), ("f.png", ""))


def test_patients_and_names_are_compared_and_missing_ones_are_not_alike() -> None:
    shared = shared_by_name(OURS, THEIRS, "train.json")

    assert (shared.patients, shared.files, shared.films) == (["P_2"], ["c.png"], None)
    assert shared
    assert not shared_by_name(OURS, dataset(("g.png", "P_9")), "train.json")


def test_the_same_film_under_two_names_is_found(tmp_path: Path) -> None:
    contents = {"a.png": b"one", "b.png": b"two", "e.png": b"two", "f.png": b"six"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)

    assert same_files(OURS, THEIRS, tmp_path) == [("b.png", "e.png")]


def test_a_leak_is_refused_with_its_examples_or_told() -> None:
    many = [f"P_{number}" for number in range(9)]
    leak = Shared(split="train.json", patients=many, files=[], films=[("a.png", "b.png")])
    clean = Shared(split="test.json", patients=[], files=[], films=[])

    assert refuse_leak([clean], Path("val.json"), allow=False) == []
    with pytest.raises(InputError) as refusal:
        refuse_leak([clean, leak], Path("val.json"), allow=False)
    told = "shares 9 patients (P_0, P_1, P_2, ...), 1 films (a.png = b.png) with train.json"
    assert f"val.json: {told}: " in str(refusal.value)
    assert "--allow-leak" in str(refusal.value)
    assert told in refuse_leak([leak], Path("val.json"), allow=True)[0]
