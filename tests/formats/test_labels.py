import pytest

from formats.labels import (
    CATEGORY_IDS,
    CATEGORY_NAMES,
    LABEL_COLOURS,
    LABELS,
    LESION_LABELS,
    bgr_of,
    label_meant_by,
)


def test_labels_run_from_the_mildest_to_the_worst() -> None:
    assert LABELS == ("Normal", "Benign", "Cancer")
    assert LESION_LABELS == ("Benign", "Cancer")
    assert CATEGORY_NAMES == {1: "Benign", 2: "Cancer"}
    assert CATEGORY_IDS == {"Benign": 1, "Cancer": 2}


@pytest.mark.parametrize(
    ("word", "label"),
    [("Normal", "Normal"), ("BENIGN", "Benign"), ("Benign without callback", "Benign"),
     ("cancer ", "Cancer"), ("Malignant", "Cancer"), ("malign", "Cancer"),
     ("", None), ("unproven", None), ("mass", None)],
)  # fmt: skip
def test_words_for_labels(word: str, label: str | None) -> None:
    assert label_meant_by(word) == label


def test_every_label_has_a_colour_of_its_own() -> None:
    assert set(LABEL_COLOURS) == set(LABELS)
    assert len(set(LABEL_COLOURS.values())) == len(LABELS)


def test_opencv_takes_blue_first() -> None:
    assert bgr_of("#010203") == (3, 2, 1)
    assert bgr_of(LABEL_COLOURS["Cancer"]) == (0, 94, 213)
