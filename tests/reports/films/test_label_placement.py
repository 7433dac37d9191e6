import numpy as np
import pytest

from reports.films.label_placement import Rectangle, place_label

PICTURE_HW = (600, 400)


def rectangle(left: int, top: int, right: int, bottom: int) -> Rectangle:
    return Rectangle(left=left, top=top, right=right, bottom=bottom)


def overlap(one: Rectangle, other: Rectangle) -> bool:
    """Whether the two share more than an edge."""
    is_apart_sideways = one.left >= other.right or other.left >= one.right
    is_apart_in_height = one.top >= other.bottom or other.top >= one.bottom
    return not (is_apart_sideways or is_apart_in_height)


def test_a_label_stands_right_beside_its_box() -> None:
    box = rectangle(100, 200, 160, 260)
    label = place_label(box, 80, 20, [box], [], PICTURE_HW, 4)

    assert not overlap(label, box)
    distance = np.hypot(
        max(label.left - box.right, box.left - label.right, 0),
        max(label.top - box.bottom, box.top - label.bottom, 0),
    )
    assert distance <= 4


def test_a_box_in_the_corner_keeps_its_label_in_the_picture() -> None:
    box = rectangle(380, 580, 400, 600)
    label = place_label(box, 80, 20, [box], [], PICTURE_HW, 4)

    assert not overlap(label, box)
    assert label.left >= 0
    assert label.right <= 400
    assert label.top >= 0
    assert label.bottom <= 600


@pytest.mark.parametrize("seed", range(5))
def test_labels_cover_no_box_and_no_other_label(seed: int) -> None:
    random = np.random.default_rng(seed)
    corners = random.integers(0, 250, (8, 2)).tolist()
    boxes = [rectangle(x, y, x + 60, y + 50) for x, y in corners]
    labels: list[Rectangle] = []
    for box in boxes:
        labels.append(place_label(box, 90, 18, boxes, labels, PICTURE_HW, 3))

    for place, label in enumerate(labels):
        assert not any(overlap(label, box) for box in boxes)
        assert not any(overlap(label, other) for other in labels[:place])


def test_without_room_the_least_is_covered() -> None:
    box = rectangle(0, 0, 100, 90)
    label = place_label(box, 100, 20, [box], [], (100, 100), 2)

    assert (label.top, label.bottom) == (80, 100)
