import json
import logging
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from formats.coco import BboxFormat, CocoDataset, CocoOptions, read_coco, write_coco
from formats.coco_reading.category_words import NO_LESION, Meaning
from formats.errors import InputError, InputFaultsError

CATEGORIES = [{"id": 1, "name": "Benign"}, {"id": 2, "name": "Cancer"}]


def image(number: int, **changes: Any) -> dict[str, Any]:
    return {"id": number, "file_name": f"{number}.png", "width": 100, "height": 80, **changes}


def lesion(number: int, **changes: Any) -> dict[str, Any]:
    box = {"image_id": 1, "category_id": 2, "bbox": [10, 20, 30, 40 - number]}
    return {"id": number, **box, **changes}


def document(**changes: Any) -> dict[str, Any]:
    records = {"images": [image(1), image(2)], "annotations": [lesion(1)]}
    return {**records, "categories": CATEGORIES, **changes}


def read(tmp_path: Path, root: Path | None = None, **content: Any) -> CocoDataset:
    options = content.pop("options", CocoOptions())
    path = tmp_path / "c.json"
    path.write_text(json.dumps(document(**content)))
    return read_coco(path, options, root)


def refused(tmp_path: Path, **content: Any) -> str:
    with pytest.raises(InputFaultsError) as caught:
        read(tmp_path, **content)
    return str(caught.value)


def test_all_faults_come_in_one_message_with_counts_and_first_examples(tmp_path: Path) -> None:
    said = refused(
        tmp_path,
        images=[image(1), image(2, label="foo"), image(3, width=-4)],
        annotations=[
            *(lesion(number, image_id=99) for number in range(1, 8)),
            lesion(8, category_id=7),
            lesion(9, segmentation="here"),
        ],
    )

    assert said.splitlines()[0].endswith("c.json: 5 kinds of fault:")
    (missing,) = [
        line
        for line in said.splitlines()
        if line.endswith("remove the annotation") and "image 99" in line
    ]
    assert missing.startswith("- 7 times: annotation 1 belongs to image 99")
    assert "annotation 5 " in missing
    assert "annotation 6 " not in missing
    assert "and 2 more" in missing
    for example in ("label 'foo'", "image 3 is -4x80", "category 7", "segmentation here"):
        assert example in said


def test_names_that_nobody_understands_are_listed_with_what_each_would_be(tmp_path: Path) -> None:
    categories = [*CATEGORIES, {"id": 3, "name": "M1"}, {"id": 4, "name": "maligant mass"}]
    said = refused(
        tmp_path,
        categories=categories,
        annotations=[lesion(n, category_id=1 + n % 4) for n in range(8)],
    )

    for part in ("'Cancer' (2 annotations) is Cancer", "'M1' (2 annotations) is not understood",
                 "--category-map", "'M1: ?'", "'maligant mass: mass'"):  # fmt: skip
        assert part in said


def test_a_category_map_says_what_names_do_not(tmp_path: Path) -> None:
    categories = [{"id": 5, "name": "M1"}, {"id": 6, "name": "nipple"}, {"id": 7, "name": "?"}]
    meanings = {
        "M1": Meaning(pathology="Cancer", lesion_type="MASS"),
        "nipple": NO_LESION,
        "?": Meaning(),
    }
    dataset = read(
        tmp_path,
        categories=categories,
        annotations=[lesion(n, category_id=4 + n) for n in (1, 2, 3)],
        options=CocoOptions(category_map=meanings),
    )

    assert [a["category_id"] for a in dataset.annotations] == [2, 3]
    assert dataset.annotations[0]["lesion_type"] == "MASS"
    assert "1 x annotation left out: its category 'nipple' is no lesion" in dataset.changes


def test_a_lesion_without_pathology_is_kept_and_written_as_one(tmp_path: Path) -> None:
    dataset = read(tmp_path, categories=[{"id": 2, "name": "mass"}])
    write_coco(dataset, tmp_path / "d.json")
    again = read_coco(tmp_path / "d.json")

    assert (again.annotations[0]["category_id"], again.annotations[0]["lesion_type"]) == (3, "MASS")
    assert again.changes == []


@pytest.mark.parametrize(
    "stated", [{"pathology": "MALIGNANT"}, {"attributes": {"pathology": "cancer"}}]
)
def test_a_lesions_own_attribute_tells_its_pathology(
    tmp_path: Path, stated: dict[str, Any]
) -> None:
    dataset = read(
        tmp_path, categories=[{"id": 2, "name": "mass"}], annotations=[lesion(1, **stated)]
    )

    assert dataset.annotations[0]["category_id"] == 2


@pytest.mark.parametrize(
    ("word", "label"),
    [("malignant", "Cancer"), ("BENIGN", "Benign"), ("normal", "Normal"), ("No finding", "Normal"),
     (None, None), ("", None), ("mass", None)],
)  # fmt: skip
def test_labels_of_images_are_read_by_meaning(tmp_path: Path, word: Any, label: Any) -> None:
    assert read(tmp_path, images=[image(1, label=word)]).images[0].get("label") == label


def test_a_category_map_holds_for_labels_too(tmp_path: Path) -> None:
    options = CocoOptions(category_map={"M": Meaning(pathology="Cancer")})

    read_images = read(tmp_path, images=[image(1, label="M")], options=options).images
    assert read_images[0]["label"] == "Cancer"
    assert "label 'M'" in refused(tmp_path, images=[image(1, label="M")])


def test_optional_values_of_any_type_become_the_contracts_or_go(tmp_path: Path) -> None:
    said = {"case_id": 29, "side": "L", "view": "mlo", "age": "061Y", "density": "DENSITY C"}
    gone = {"case_id": None, "side": None, "age": float("nan"), "density": 0, "note": float("inf")}
    first, second = read(tmp_path, images=[image(1, **said), image(2, **gone)]).images

    assert {key: first[key] for key in said} == {  # type: ignore[literal-required]
        "case_id": "29", "side": "LEFT", "view": "MLO", "age": 61, "density": 3,
    }  # fmt: skip
    assert second == image(2)


def test_texts_are_numbers_and_ids_where_they_look_so(tmp_path: Path) -> None:
    dataset = read(
        tmp_path,
        images=[image(1, id="1", width="100", height="80.0"), image(2, id="2")],
        annotations=[lesion(1, id="7", image_id=2, category_id="2", bbox=["1", "2", "3.5", "4"])],
    )

    assert (dataset.images[0]["id"], dataset.images[0]["height"]) == (1, 80)
    assert dataset.annotations[0]["bbox"] == [1, 2, 3.5, 4]
    assert dataset.annotations[0]["image_id"] == 2


def test_ids_of_letters_are_numbered(tmp_path: Path) -> None:
    dataset = read(
        tmp_path,
        images=[image(1, id="img_b"), image(2, id="img_a")],
        annotations=[lesion(1, id="x", image_id="img_a"), lesion(2, id=None)
                     | {"image_id": "img_b"}],
    )  # fmt: skip

    assert [i["id"] for i in dataset.images] == [1, 2]
    assert [a["image_id"] for a in dataset.annotations] == [2, 1]


def test_corners_are_named_and_taken_only_when_told(tmp_path: Path) -> None:
    boxes = [lesion(n, bbox=[50 + n, 30, 95, 70 + n]) for n in range(1, 5)]
    corners = CocoOptions(bbox_format=BboxFormat.xyxy)

    assert "give --bbox-format xyxy" in refused(tmp_path, annotations=boxes)
    dataset = read(tmp_path, annotations=boxes, options=corners)
    assert dataset.annotations[0]["bbox"] == [51, 30, 44, 41]


def test_some_boxes_across_the_edge_are_no_corners(tmp_path: Path) -> None:
    boxes = [lesion(n, bbox=[50 + n, 40, 20, 20]) for n in range(1, 9)]
    dataset = read(tmp_path, annotations=[*boxes, lesion(9, bbox=[80, 60, 30, 20])])

    assert "1 x box clipped to its image" in dataset.changes


def test_few_lost_boxes_are_said_and_many_refused(tmp_path: Path) -> None:
    good = [lesion(n, bbox=[n, 1, 20, 20]) for n in range(1, 40)]
    few = read(tmp_path, annotations=[*good, lesion(40, bbox=[0, 0, 0, 5])])
    said = refused(tmp_path, annotations=[*good, *(lesion(n, bbox=[]) for n in (50, 51, 52))])

    assert len(few.annotations) == 39
    assert few.changes == ["1 x box dropped: empty"]
    assert "3 of 42 boxes would be lost" in said


def test_the_same_image_twice_is_merged_where_its_boxes_agree(tmp_path: Path) -> None:
    twice = [image(1), image(2, file_name="1.png"), image(3)]
    merged = read(tmp_path, images=twice, annotations=[lesion(1), lesion(2, image_id=2)
                                                       | {"bbox": lesion(1)["bbox"]}])  # fmt: skip

    assert [i["id"] for i in merged.images] == [1, 3]
    assert len(merged.annotations) == 1
    assert "1.png stands twice, with other boxes" in refused(
        tmp_path, images=twice, annotations=[lesion(1), lesion(2, image_id=2)]
    )


def test_the_same_box_twice_is_one_and_of_two_classes_a_fault(tmp_path: Path) -> None:
    copy = lesion(2) | {"bbox": lesion(1)["bbox"]}

    assert len(read(tmp_path, annotations=[lesion(1), copy]).annotations) == 1
    assert "are one box, Cancer and Benign" in refused(
        tmp_path, annotations=[lesion(1), copy | {"category_id": 1}]
    )


@pytest.mark.parametrize(
    ("name", "relative"),
    [("C:\\set\\a.png", "set/a.png"), ("/home/x/a.png", "home/x/a.png"), ("../../a.png", "a.png"),
     ("./a/../b.png", "b.png"), ("s3://bucket/a.png", "bucket/a.png"), ("a\\b.png", "a/b.png")],
)  # fmt: skip
def test_no_name_leads_out_of_the_root(tmp_path: Path, name: str, relative: str) -> None:
    assert read(tmp_path, images=[image(1, file_name=name)]).images[0]["file_name"] == relative


def test_sizes_come_from_the_films_or_are_asked_for(tmp_path: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    cv2.imwrite(str(films / "1.png"), np.zeros((80, 100), np.uint8))
    unsized = [{"id": 1, "file_name": "1.png"}]
    (read_image,) = read(tmp_path, films, images=unsized).images

    assert (read_image["width"], read_image["height"]) == (100, 80)
    assert "--image-root" in refused(tmp_path, images=unsized)


@pytest.mark.parametrize(
    "mask",
    [{"counts": [5], "size": [80, 100]}, {"counts": [9, -1, 7992], "size": [80, 100]},
     {"counts": "zzzz", "size": [80, 100]}, {"counts": "01", "size": [1, 1]}, {"counts": None}, {}],
)  # fmt: skip
def test_a_mask_that_cannot_be_is_named(tmp_path: Path, mask: dict[str, Any]) -> None:
    if not mask:
        assert read(tmp_path, annotations=[lesion(1, segmentation=mask)]).annotations
    else:
        assert "annotation 1 has a mask" in refused(
            tmp_path, annotations=[lesion(1, segmentation=mask)]
        )


def test_a_crowd_stays_one_unless_cvat_painted_it(tmp_path: Path) -> None:
    runs = {"counts": [85, 10, 7905], "size": [80, 100]}
    crowd = lesion(1, iscrowd=1, segmentation=runs)
    painted = lesion(2, iscrowd=1, segmentation=runs, attributes={"occluded": False})
    dataset = read(tmp_path, annotations=[crowd, painted])

    assert [a["iscrowd"] for a in dataset.annotations] == [1, 0]


def test_changes_are_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        read(tmp_path, categories=[{"id": 2, "name": "malignant"}])

    assert "c.json: 1 x category 2 'malignant' (1 annotations) read as 2 'Cancer'" in caplog.text


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "bom.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(document()).encode())

    assert len(read_coco(path).images) == 2


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ([{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}], "results list"),
        ([{"id": 1, "data": {}, "annotations": []}], "Label Studio's own JSON"),
        ({"_via_img_metadata": {}}, "a project of VIA"),
        ({"shapes": [], "imagePath": "a.png"}, "LabelMe's own JSON"),
        ({"schema_version": 1, "method": "two_stage"}, "a results file"),
        ({"categories": []}, "no list 'images'"),
    ],
)
def test_other_formats_are_called_what_they_are(tmp_path: Path, content: Any, what: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(json.dumps(content))

    with pytest.raises(InputError, match=rf"other\.json: .*{what}"):
        read_coco(path)


def test_a_turned_box_becomes_the_one_around_it(tmp_path: Path) -> None:
    turned = lesion(1, bbox=[30, 30, 20, 10], attributes={"rotation": 90.0})

    bbox = read(tmp_path, annotations=[turned]).annotations[0]["bbox"]
    assert bbox == pytest.approx([35, 25, 10, 20])


def test_no_fault_hides_another(tmp_path: Path) -> None:
    said = refused(
        tmp_path,
        images=[image(1), image(2, file_name="1.png"), {"id": 3, "label": "BI-RADS 4"}],
        categories=[*CATEGORIES, {"id": 3, "name": "M1"}],
        annotations=[lesion(1), lesion(2, category_id=3, bbox=[1, 2, 0, 4])],
    )

    for part in ("1.png stands twice", "label 'BI-RADS 4'", "image 3 has no 'file_name'", "'M1'",
                 "1 of 2 boxes would be lost"):  # fmt: skip
        assert part in said
