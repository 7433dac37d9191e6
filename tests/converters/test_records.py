import pytest
from views import make_lesion, make_row, make_view

from converters.records import View


def test_case_ids_are_told_apart_by_site_and_breasts_by_side() -> None:
    left, right = (make_row("C_0029", "Cancer", side=side) for side in ("LEFT", "RIGHT"))

    assert left.site == "C"
    assert (left.breast_id, right.breast_id) == ("C_0029_LEFT", "C_0029_RIGHT")
    assert left.breast_id != make_row("A_0029", "Cancer").breast_id


@pytest.mark.parametrize(
    ("lesion_labels", "label"),
    [
        ((), "Normal"),
        (("Benign",), "Benign"),
        (("Benign", "Cancer"), "Cancer"),
        (("Cancer", "Benign"), "Cancer"),
    ],
)
def test_a_views_label_is_its_worst_lesions_and_not_the_patients(
    lesion_labels: tuple[str, ...], label: str
) -> None:
    lesions = [make_lesion(name) for name in lesion_labels]

    assert make_view("C_0001", "Cancer", lesions=lesions).label == label
    assert make_view("C_0001", "Normal", lesions=lesions).label == label


def test_a_view_is_fully_read_once_every_named_mask_gave_a_lesion() -> None:
    row = make_row("C_0001", "Cancer", masks=2)
    views = [
        View(
            row=row,
            file_name=row.image_file,
            height_px=240,
            width_px=160,
            content_id="id",
            lesions=(make_lesion("Cancer"),) * count,
            is_sibling_marked=False,
        )
        for count in range(3)
    ]

    assert [view.is_fully_read for view in views] == [False, False, True]


def test_lesions_are_equal_whatever_array_holds_their_outline() -> None:
    assert make_lesion("Benign") == make_lesion("Benign")
    assert make_lesion("Benign") != make_lesion("Cancer")
