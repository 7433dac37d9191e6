from formats.labels import CATEGORY_NAMES, LABEL_COLOURS, LABELS, LESION_LABELS, bgr_of


def test_labels_run_from_the_mildest_to_the_worst() -> None:
    assert LABELS == ("Normal", "Benign", "Cancer")
    assert LESION_LABELS == ("Benign", "Cancer")
    assert CATEGORY_NAMES == {1: "Benign", 2: "Cancer"}


def test_every_label_has_a_colour_of_its_own() -> None:
    assert set(LABEL_COLOURS) == set(LABELS)
    assert len(set(LABEL_COLOURS.values())) == len(LABELS)


def test_opencv_takes_blue_first() -> None:
    assert bgr_of("#010203") == (3, 2, 1)
    assert bgr_of(LABEL_COLOURS["Cancer"]) == (0, 94, 213)
