import json
import math
from pathlib import Path
from typing import Any

import pytest

from formats.coco import CocoDataset, CocoOptions, read_coco, read_json, write_coco, write_json
from formats.errors import InputError

CATEGORIES = [{"id": 1, "name": "Benign"}, {"id": 2, "name": "Cancer"}]


def document(**changes: Any) -> dict[str, Any]:
    images = [{"id": i, "file_name": f"{i}.png", "width": 100, "height": 80} for i in (1, 2)]
    box = {"id": 1, "image_id": 1, "category_id": 2, "bbox": [10, 20, 30, 40]}
    return {"images": images, "annotations": [box], "categories": CATEGORIES, **changes}


def read(tmp_path: Path, content: Any, **options: Any) -> CocoDataset:
    path = tmp_path / "c.json"
    path.write_text(json.dumps(content))
    return read_coco(path, CocoOptions(**options))


def annotation(**changes: Any) -> dict[str, Any]:
    return {**document()["annotations"][0], **changes}


def test_what_is_written_is_read_back_and_negatives_are_kept(tmp_path: Path) -> None:
    dataset = read(tmp_path, document())
    write_coco(dataset, tmp_path / "d.json")
    again = read_coco(tmp_path / "d.json")

    assert (again.images, again.annotations) == (dataset.images, dataset.annotations)
    assert again.changes == []
    assert again.annotations_by_image() == {1: dataset.annotations, 2: []}
    assert again.annotations[0]["area"] == 1200
    assert again.annotations[0]["iscrowd"] == 0


def test_the_same_data_set_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        write_coco(read(tmp_path, document()), tmp_path / name)

    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_ids_from_nought_are_moved_and_it_is_said(tmp_path: Path) -> None:
    images = [{**image, "id": image["id"] - 1} for image in document()["images"]]
    dataset = read(tmp_path, document(images=images, annotations=[annotation(id=0, image_id=1)]))

    assert [image["id"] for image in dataset.images] == [1, 2]
    assert (dataset.annotations[0]["id"], dataset.annotations[0]["image_id"]) == (1, 2)
    assert len(dataset.changes) == 2


@pytest.mark.parametrize("name", ["malignant", "Malign", "CANCER"])
def test_other_peoples_names_are_understood(tmp_path: Path, name: str) -> None:
    categories = [{"id": 7, "name": "tumor"}, {"id": 8, "name": name}]
    dataset = read(
        tmp_path, document(categories=categories, annotations=[annotation(category_id=8)])
    )

    assert dataset.annotations[0]["category_id"] == 2
    assert name in dataset.changes[0]


def test_a_box_across_the_edge_is_clipped(tmp_path: Path) -> None:
    dataset = read(tmp_path, document(annotations=[annotation(bbox=[-5, 50, 30, 40])]))

    assert dataset.annotations[0]["bbox"] == [0, 50, 25, 30]
    assert dataset.changes == ["1 x box clipped to its image"]


@pytest.mark.parametrize(
    "bbox",
    [[math.nan, 0, 5, 5], [0, 0, math.inf, 5], [5, 5, 0, 4], [5, 5, -3, 4], [200, 5, 9, 9], [1, 2]],
)
def test_a_box_that_cannot_be_is_dropped_and_counted(tmp_path: Path, bbox: list[float]) -> None:
    content = document(annotations=[annotation(bbox=bbox)])
    dataset = read(tmp_path, content, allow_lost_boxes=True)

    assert dataset.annotations == []
    assert "1 x box dropped" in dataset.changes[0]
    with pytest.raises(InputError, match=r"c\.json: 1 of 1 boxes would be lost.*allow-lost-boxes"):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"annotations": [annotation(), annotation()]}, "annotation id 1 stands 2 times"),
        ({"annotations": [annotation(image_id=9)]}, "image 9, which is not listed"),
        ({"annotations": [annotation(category_id=5)]}, "category 5"),
        ({"categories": [{"id": 2, "name": "dog"}]}, "'dog' .1 annotations. is not understood"),
        ({"images": [{"id": 1, "width": 5, "height": 5}]}, "has no 'file_name'"),
        ({"images": [{"id": 1, "file_name": "a", "height": 5}]}, "image 1 has no 'width'"),
        ({"images": [{"file_name": "a", "width": 5, "height": 5}]}, "has no 'id'"),
        ({"images": document()["images"][:1] * 2}, "image id 1 stands 2 times"),
        ({"annotations": [{"id": 1, "category_id": 2, "bbox": [1, 2, 3, 4]}]}, "image None"),
        ({"categories": []}, "category 2"),
        ({"images": [{"id": 1, "file_name": "a", "width": 0, "height": 5}]}, "0x5 pixels"),
        ({"images": "none"}, "no COCO file"),
    ],
)
def test_what_cannot_be_mended_is_refused_by_name(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=rf"(?s)c\.json.*{message}"):
        read(tmp_path, document(**changes))


def test_a_list_is_no_coco_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no COCO file"):
        read(tmp_path, [1, 2])


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe"])
def test_no_json_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.json").write_bytes(content)

    with pytest.raises(InputError, match=r"bad\.json.*not JSON"):
        read_json(tmp_path / "bad.json")


def test_backslashes_in_file_names_become_slashes(tmp_path: Path) -> None:
    images = [{"id": 1, "file_name": "Benign\\0029\\f.png", "width": 100, "height": 80}]

    assert read(tmp_path, document(images=images)).images[0]["file_name"] == "Benign/0029/f.png"


def test_a_subset_keeps_ids_and_its_own_lesions(tmp_path: Path) -> None:
    dataset = read(tmp_path, document())

    assert dataset.subset(dataset.images[1:]).annotations == []
    assert dataset.subset(dataset.images[:1]).annotations == dataset.annotations


def test_nan_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json({"ap": math.nan}, tmp_path / "n.json")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "changes",
    [
        {"annotations": [annotation(bbox=None)]},
        {"annotations": [annotation(image_id=[1])]},
        {"annotations": ["box"]},
        {"annotations": None},
        {"categories": [{"name": "Benign"}]},
        {"images": [None]},
    ],
)
def test_a_malformed_record_is_an_input_error(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"c\.json"):
        read(tmp_path, document(**changes))


def test_a_category_id_of_two_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="category id 2 stands for two classes"):
        read(tmp_path, document(categories=[*CATEGORIES, {"id": 2, "name": "Benign"}]))


def test_no_lesion_is_larger_than_its_clipped_box(tmp_path: Path) -> None:
    boxes = [annotation(bbox=[90, 0, 50, 10], area=500), annotation(id=2, area=math.nan)]
    dataset = read(tmp_path, document(annotations=boxes), allow_lost_boxes=True)

    assert [a["area"] for a in dataset.annotations] == [100, 1200]


def test_normalised_boxes_are_named_and_refused(tmp_path: Path) -> None:
    boxes = [annotation(bbox=[0.25, 0.5, 0.1, 0.2]), annotation(id=2, bbox=[0, 0, 1, 1])]

    with pytest.raises(InputError, match=r"all 2 boxes lie in 0\.\.1.*normalised"):
        read(tmp_path, document(annotations=boxes))
    # One box in pixels, and they are pixels.
    read(tmp_path, document(annotations=[*boxes, annotation(id=3)]))
