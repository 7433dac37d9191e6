import hashlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from small_ddsm import SmallDdsm, draw_film
from views import make_view

from converters.ddsm_files.disk import DiskIndex
from converters.ddsm_files.metadata import read_metadata
from converters.mini_ddsm import read_views
from converters.records import Finding, FindingKind
from converters.repeated_films import (
    Repeated,
    content_id,
    same_files,
    same_pictures,
    shared_lengths,
)
from formats.errors import InputError


def test_same_bytes_are_one_film() -> None:
    views = [make_view(f"A_000{i}", "Normal", content_id=name) for i, name in enumerate("xyxx")]

    (repeated,) = same_files(views)

    assert [view.row.case_id for view in repeated.views] == ["A_0000", "A_0002", "A_0003"]
    assert repeated.finding() == Finding(
        kind=FindingKind.FILM_REPEATED,
        file="Normal/0000/A_0000_1.LEFT_CC.jpg",
        detail="also Normal/0002/A_0002_1.LEFT_CC.jpg, Normal/0003/A_0003_1.LEFT_CC.jpg",
    )


def test_pictures_that_agree_are_called_alike_only() -> None:
    views = (make_view("A_0001", "Normal"), make_view("A_0002", "Normal"))

    finding = Repeated(views, is_same_file=False).finding()

    assert finding.kind is FindingKind.FILM_LOOKS_REPEATED
    assert finding.detail == "also Normal/0002/A_0002_1.LEFT_CC.jpg"


def test_a_film_that_vanishes_has_no_content(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (tmp_path / name).write_bytes(b"12345")
    (tmp_path / "c.jpg").write_bytes(b"123456")
    disk = DiskIndex(tmp_path)
    (tmp_path / "a.jpg").unlink()
    lengths = shared_lengths(disk.sizes_bytes, disk)

    assert lengths == {5}
    assert content_id("c.jpg", disk, lengths) == "6"
    assert content_id("b.jpg", disk, lengths) == f"5-{hashlib.sha256(b'12345').hexdigest()}"
    with pytest.raises(InputError) as error:
        content_id("a.jpg", disk, lengths)
    assert str(error.value) == "a.jpg: cannot be read (No such file or directory)"


@pytest.fixture
def data(tmp_path: Path) -> SmallDdsm:
    return SmallDdsm(tmp_path)


def pairs(data: SmallDdsm) -> list[tuple[str, ...]]:
    disk = DiskIndex(data.root)
    table = data.write_table()
    reading = read_views(read_metadata([table], None).table.rows, disk)
    return [
        tuple(view.row.case_id for view in found.views)
        for found in same_pictures(reading.views, disk)
    ]


def test_picture_encoded_anew_is_found(data: SmallDdsm) -> None:
    film = draw_film("one film")
    data.add_view("A_0001", "Normal", film=film)
    data.add_view("A_0002", "Normal", film=draw_film("another"))
    path = data.add_view("D_0007", "Cancer", film=film)
    cv2.imwrite(str(path), film, [cv2.IMWRITE_JPEG_QUALITY, 50])

    assert pairs(data) == [("A_0001", "D_0007")]


def test_sixteen_bits_do_not_hide_a_picture(data: SmallDdsm) -> None:
    film = draw_film("one film")
    data.add_view("A_0001", "Normal", film=film, suffix=".png")
    data.add_view("A_0002", "Normal", film=film.astype(np.uint16) * 16, suffix=".png")

    assert pairs(data) == [("A_0001", "A_0002")]


def test_every_pair_of_patients_with_one_picture_is_found(data: SmallDdsm) -> None:
    film = draw_film("one film")
    data.add_view("A_0001", "Normal", film=draw_film("another"))
    for number, quality in ((2, 95), (3, 80), (4, 60)):
        path = data.add_view(f"A_000{number}", "Normal")
        cv2.imwrite(str(path), film, [cv2.IMWRITE_JPEG_QUALITY, quality])

    assert pairs(data) == [("A_0002", "A_0003"), ("A_0002", "A_0004"), ("A_0003", "A_0004")]


def test_only_films_that_could_be_one_are_compared(data: SmallDdsm) -> None:
    film = draw_film("one film")
    data.add_view("A_0001", "Normal", film=film, suffix=".png")
    data.add_view("A_0002", "Normal", film=film, age=61)
    data.add_view("A_0003", "Normal", film=film, view="LEFT_MLO")
    data.add_view("A_0003", "Normal", film=film[:-1])

    assert pairs(data) == []


def test_flat_or_vanished_film_resembles_nothing(data: SmallDdsm) -> None:
    flat = np.full((240, 160), 50, np.uint8)
    data.add_view("A_0001", "Normal", film=flat)
    data.add_view("A_0002", "Normal", film=flat + 1)
    assert pairs(data) == []

    views = [replace(make_view(f"A_000{i}", "Normal"), content_id=str(i)) for i in range(2)]
    assert same_pictures(views, DiskIndex(data.root)) == []
