import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from dicom_files import dicom_film, save_dicom

from converters.exports.exported_films import film_names, place_films, require_usable_films
from formats.coco import CocoImage
from formats.errors import InputError
from formats.film_reading.reader import PRESENTED_MAMMOGRAMS, DicomOptions


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

    with pytest.raises(InputError) as error:
        require_usable_films(images, tmp_path, PRESENTED_MAMMOGRAMS)
    assert str(error.value) == (
        f"{tmp_path}: 2 times: a.png, found as {tmp_path / 'a.png'}, has 60x80 pixels, but 61x80 "
        f"are listed; c.png, found as {tmp_path / 'c.png'}, has 60x80 pixels, but 60x79 are "
        "listed; the boxes are of another film or edition; give the image root of theirs"
    )


def test_a_missing_film_is_named_before_anything_is_read(tmp_path: Path) -> None:
    images = listed(tmp_path, "a.png", "b.png")
    (tmp_path / "b.png").unlink()

    with pytest.raises(InputError, match=r"b\.png: no such film; check the image root"):
        require_usable_films(images, tmp_path, PRESENTED_MAMMOGRAMS)


def test_films_of_other_modalities_are_taken_only_where_that_is_asked_for(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (80, 60), dtype=np.uint8)
    save_dicom(tmp_path / "a.dcm", dicom_film(pixels, bits_stored=8, Modality="CR"))
    images: list[CocoImage] = [{"id": 1, "file_name": "a.dcm", "width": 60, "height": 80}]
    any_kind = DicomOptions(any_modality=True)

    with pytest.raises(InputError, match=r"a\.dcm"):
        require_usable_films(images, tmp_path, PRESENTED_MAMMOGRAMS)
    require_usable_films(images, tmp_path, any_kind)
    place_films({"a.dcm": "deep/er/a.png"}, tmp_path, tmp_path / "set", any_kind)
    written = cv2.imread(str(tmp_path / "set" / "deep" / "er" / "a.png"), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(written, pixels)


def test_films_are_copied_where_they_cannot_be_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(tmp_path, "a.png")

    def refuse(source: Path, target: Path) -> None:
        raise OSError(18, "Invalid cross-device link", source)

    monkeypatch.setattr(os, "link", refuse)
    place_films({"a.png": "b.png"}, tmp_path, tmp_path / "set", PRESENTED_MAMMOGRAMS)

    copy = tmp_path / "set" / "b.png"
    assert copy.read_bytes() == (tmp_path / "a.png").read_bytes()
    assert not copy.samefile(tmp_path / "a.png")


def test_folders_stay_in_names_unless_they_are_to_be_flat(tmp_path: Path) -> None:
    images = listed(tmp_path, "a/b.png", "a/c.pgm")

    deep, flat = (film_names(images, tmp_path, flat=flat).by_listed for flat in (False, True))

    assert list(deep.values()) == ["a/b.png", "a/c.pgm.png"]
    assert list(flat.values()) == ["a_b.png", "a_c.pgm.png"]
