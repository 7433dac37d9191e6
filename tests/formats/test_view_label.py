import pytest

from formats.coco import CocoAnnotation, CocoImage
from formats.errors import InputError
from formats.view_label import view_label

IMAGE: CocoImage = {"id": 1, "file_name": "film.png", "width": 90, "height": 90}


def lesion(category_id: int, iscrowd: int = 0) -> CocoAnnotation:
    return {
        "id": 1,
        "image_id": 1,
        "category_id": category_id,
        "bbox": [1, 2, 3, 4],
        "area": 12,
        "iscrowd": iscrowd,
    }


def test_a_view_takes_its_worst_lesions_label() -> None:
    assert view_label(IMAGE, []) == "Normal"
    assert view_label(IMAGE, [lesion(1)]) == "Benign"
    assert view_label(IMAGE, [lesion(2), lesion(1)]) == "Cancer"


def test_a_crowd_region_is_no_lesion() -> None:
    assert view_label(IMAGE, [lesion(2, iscrowd=1)]) == "Normal"
    assert view_label(IMAGE, [lesion(2, iscrowd=1), lesion(1)]) == "Benign"


def test_a_views_own_label_comes_first() -> None:
    assert view_label({**IMAGE, "label": "Benign"}, [lesion(2)]) == "Benign"


def test_unknown_label_is_named() -> None:
    with pytest.raises(InputError, match=r"film\.png: label 'Malignant'"):
        view_label({**IMAGE, "label": "Malignant"}, [])
