from dataclasses import replace

from views import make_lesion, make_view

from converters.views_to_coco import views_to_coco


def test_views_and_lesions_are_numbered_from_one() -> None:
    described = replace(make_lesion("Cancer"), lesion_type="MASS", assessment=4, subtlety=2)
    views = [
        make_view("A_0001", "Normal"),
        make_view("C_0001", "Cancer", lesions=[described, make_lesion("Benign", "case")]),
    ]

    dataset = views_to_coco(views)

    assert dataset.images[0] == {
        "id": 1, "file_name": "Normal/0001/A_0001_1.LEFT_CC.jpg", "width": 160, "height": 240,
        "case_id": "A_0001", "side": "LEFT", "view": "CC", "label": "Normal",
        "case_status": "Normal", "age": 60.0, "density": 2, "sibling_view_marked": False,
    }  # fmt: skip
    assert dataset.images[1]["label"] == "Cancer"
    assert dataset.annotations == [
        {
            "id": 1, "image_id": 2, "category_id": 2, "bbox": [10, 40, 20, 30], "area": 600,
            "iscrowd": 0, "segmentation": [[10, 40, 29, 40, 29, 69, 10, 69]],
            "pathology_source": "overlay", "lesion_type": "MASS", "assessment": 4, "subtlety": 2,
        },
        {
            "id": 2, "image_id": 2, "category_id": 1, "bbox": [10, 40, 20, 30], "area": 600,
            "iscrowd": 0, "segmentation": [[10, 40, 29, 40, 29, 69, 10, 69]],
            "pathology_source": "case",
        },
    ]  # fmt: skip


def test_what_is_not_known_is_left_out() -> None:
    view = make_view("A_0001", "Normal", is_sibling_marked=None)
    view = replace(view, row=replace(view.row, age_years=None, density=None))

    image = views_to_coco([view]).images[0]

    assert not {"age", "density", "sibling_view_marked"} & set(image)
