import numpy as np

from converters.imports.coco_views import views_of
from converters.records import Lesion, TableRow, View
from formats.coco_records import CocoAnnotation, CocoDataset, CocoImage


def image(image_id: int, **known: object) -> CocoImage:
    record = {"id": image_id, "file_name": f"{image_id}.png", "width": 60, "height": 80}
    return {**record, **known}  # type: ignore[typeddict-item]


def annotation(image_id: int, category_id: int, **known: object) -> CocoAnnotation:
    record = {"id": 7, "image_id": image_id, "category_id": category_id, "iscrowd": 0}
    box = {"bbox": [1.4, 2.0, 10.0, 0.2], "area": 55.6}
    return {**record, **box, **known}  # type: ignore[typeddict-item]


def views(images: list[CocoImage], annotations: list[CocoAnnotation]) -> list[View]:
    dataset = CocoDataset(images=images, annotations=annotations)
    return views_of(dataset, {i["file_name"]: f"bytes of {i['id']}" for i in images})


def test_a_view_holds_what_the_file_says_of_image_and_lesion() -> None:
    known = {"case_id": "P_1", "side": "LEFT", "view": "CC", "age": 61.0, "density": 3}
    said = {"lesion_type": "MASS", "assessment": 4, "subtlety": 2}
    outline = [[1.2, 2.4, 11.0, 2.0, 11.0, 3.6]]
    (view,) = views([image(5, **known)], [annotation(5, 2, segmentation=outline, **said)])

    assert view == View(
        row=TableRow(
            image_file="5.png",
            case_id="P_1",
            side="LEFT",
            view="CC",
            status="Cancer",
            mask_files=("5.png, annotation 7",),
            age_years=61.0,
            density=3,
        ),
        file_name="5.png",
        height_px=80,
        width_px=60,
        content_id="bytes of 5",
        lesions=(
            Lesion(
                # A box thinner than a pixel still has one.
                bbox_xywh=(1, 2, 10, 1),
                area_px=56,
                polygon_xy=np.zeros((3, 2), np.int32),
                label="Cancer",
                pathology_source="annotation",
                mask_file="5.png, annotation 7",
                lesion_type="MASS",
                assessment=4,
                subtlety=2,
            ),
        ),
        is_sibling_marked=None,
    )
    assert view.lesions[0].polygon_xy.tolist() == [[1, 2], [11, 2], [11, 4]]


def test_what_the_file_does_not_say_stays_open() -> None:
    (view,) = views([image(5)], [annotation(5, 1, bbox=[1, 2, 10, 20])])

    row, (lesion,) = view.row, view.lesions
    # Without a patient the film is its own.
    assert (row.case_id, row.side, row.view) == ("5.png", "", "")
    assert (row.age_years, row.density) == (None, None)
    assert (lesion.lesion_type, lesion.assessment, lesion.subtlety) == (None, None, None)
    assert lesion.polygon_xy.tolist() == [[1, 2], [11, 2], [11, 22], [1, 22]]
    assert lesion.polygon_xy.dtype == np.int32


def test_a_patients_status_is_the_worst_of_all_its_films() -> None:
    images = [image(1, case_id="P_1"), image(2, case_id="P_1"), image(3, case_id="P_2"), image(4)]
    found = views(images, [annotation(1, 1), annotation(2, 2), annotation(4, 3)])

    assert [(view.row.status, view.label) for view in found] == [
        ("Cancer", "Benign"),
        ("Cancer", "Cancer"),
        ("Normal", "Normal"),
        ("Lesion", "Lesion"),
    ]
