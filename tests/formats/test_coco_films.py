from pathlib import Path

import cv2
import numpy as np
import pytest

from formats.coco import CocoImage
from formats.coco_films import read_listed_film, require_films
from formats.errors import InputError

LISTED: CocoImage = {"id": 1, "file_name": "case/f.png", "width": 60, "height": 80}


@pytest.fixture
def film(tmp_path: Path) -> np.ndarray:
    drawn = np.random.default_rng(0).integers(0, 255, (80, 60), dtype=np.uint8)
    (tmp_path / "case").mkdir()
    cv2.imwrite(str(tmp_path / "case" / "f.png"), drawn)
    return drawn


def test_a_listed_film_is_read_below_the_image_root(film: np.ndarray, tmp_path: Path) -> None:
    assert np.array_equal(read_listed_film(LISTED, tmp_path), film)


@pytest.mark.parametrize("size", [{"width": 61}, {"height": 40}, {"width": 80, "height": 60}])
@pytest.mark.usefixtures("film")
def test_another_size_is_refused_by_name(size: dict[str, int], tmp_path: Path) -> None:
    listed: CocoImage = {**LISTED, **size}  # type: ignore[typeddict-item]

    with pytest.raises(InputError, match=r"f\.png: 60x80 pixels, but the COCO file says"):
        read_listed_film(listed, tmp_path)


def test_all_missing_films_are_named_before_the_work_begins(tmp_path: Path) -> None:
    images = [{"id": n, "file_name": f"{n}.png", "width": 9, "height": 9} for n in range(3)]
    (tmp_path / "1.png").write_text("")

    with pytest.raises(InputError, match=r"2 times: 0\.png: no such film; 2\.png: no such film"):
        require_films(images, tmp_path)  # type: ignore[arg-type]
    require_films(images[1:2], tmp_path)  # type: ignore[arg-type]


def test_two_names_that_lead_to_one_film_are_refused(tmp_path: Path) -> None:
    names = ("case1/CC.png", "case2/CC.png")
    images = [{"id": n, "file_name": name} for n, name in enumerate(names)]
    (tmp_path / "CC.png").write_text("")

    with pytest.raises(InputError, match=r"case1/CC\.png and case2/CC\.png are both found"):
        require_films(images, tmp_path)  # type: ignore[arg-type]
