import pytest

from converters.quality.site_guess import Guessed, majority_score, site_scores


def test_guessing_the_commonest_label_of_each_group() -> None:
    # a: 2 of 3 right, b: 1 of 1.
    assert majority_score("aaab", ["x", "x", "y", "y"]) == 0.75
    assert majority_score([], []) == 0


def test_scores_are_counted_by_hand() -> None:
    views = [
        Guessed("A_0001", "Normal"),
        Guessed("A_0199", "Normal"),
        Guessed("A_0200", "Benign"),
        Guessed("A_0399", "Cancer"),
        Guessed("C_0001", "Cancer"),
    ]

    scores = site_scores(views)

    # By letter: A Normal (2 of 4), C Cancer (1 of 1).
    assert scores.three_classes_by_letter == pytest.approx(3 / 5)
    # By letter and number: A 0-199 Normal (2), A 200-399 one of two, C (1).
    assert scores.three_classes_by_letter_and_number == pytest.approx(4 / 5)
    assert scores.normal_or_tumour_by_letter == pytest.approx(3 / 5)
    assert scores.normal_or_tumour_by_letter_and_number == 1
