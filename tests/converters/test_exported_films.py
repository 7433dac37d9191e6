from pathlib import Path

import cv2
import numpy as np
import pytest

from converters.exported_films import film_names, require_usable_films
from formats.coco import CocoImage
from formats.errors import InputError
from formats.film_reading.reader import PRESENTED_MAMMOGRAMS


def listed(root: Path, *names: str) -> list[CocoImage]:
    film = np.random.default_rng(0).integers(0, 255, (80, 60), dtype=np.uint8)
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(root / name), film)
    return [
        {"id": number, "file_name": name, "width": 60, "height": 80}
        for number, name in enumerate(names, start=1)
    ]


def test_names_that_meet_nobody_are_kept_and_nothing_is_said(tmp_path: Path) -> None:
    names = film_names(listed(tmp_path, "a/b.png", "b.png", "b.jpg"), tmp_path, flat=False)

    assert names.by_listed == {name: name for name in ("a/b.png", "b.png", "b.jpg")}
    assert names.notes == ()


def test_a_number_is_given_until_nobody_is_met(tmp_path: Path) -> None:
    images = listed(tmp_path, "a.png", "a_2.png", "a.jpg", "A.tif")
    names = film_names(images, tmp_path, flat=True)

    assert list(names.by_listed.values()) == ["a.png", "a_2.png", "a_3.jpg", "A_4.tif"]
    (note,) = names.notes
    assert note == "films numbered whose names would meet: 2, such as a.jpg is a_3.jpg"


def test_a_film_that_two_parts_list_has_one_name(tmp_path: Path) -> None:
    images = listed(tmp_path, "a.png")

    assert film_names([*images, *images], tmp_path, flat=True).by_listed == {"a.png": "a.png"}


def test_all_films_of_other_sizes_are_named_in_one_go(tmp_path: Path) -> None:
    images = listed(tmp_path, "a.png", "b.png", "c.png")
    images[0]["width"], images[2]["height"] = 61, 79

    with pytest.raises(InputError, match=r"2 times: a\.png.*c\.png.*image root"):
        require_usable_films(images, tmp_path, PRESENTED_MAMMOGRAMS)
