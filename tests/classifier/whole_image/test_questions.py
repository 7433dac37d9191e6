import pytest

from classifier.whole_image.questions import FIRST, SECOND, SINGLE, Question
from formats.labels import LABELS


@pytest.mark.parametrize("question", [SINGLE, FIRST, SECOND])
def test_every_class_is_the_answer_for_some_label(question: Question) -> None:
    assert set(question.class_of_label.values()) == set(range(len(question.class_names)))


@pytest.mark.parametrize("question", [SINGLE, FIRST, SECOND])
def test_a_label_that_is_a_class_is_mapped_to_itself(question: Question) -> None:
    for label in set(LABELS) & set(question.class_names):
        assert question.class_names[question.class_of_label[label]] == label


def test_the_second_network_is_asked_about_exactly_the_firsts_tumours() -> None:
    tumours = {
        label
        for label, index in FIRST.class_of_label.items()
        if FIRST.class_names[index] != "Normal"
    }

    assert set(SECOND.class_of_label) == tumours
    assert set(FIRST.class_of_label) == set(SINGLE.class_of_label) == set(LABELS)
