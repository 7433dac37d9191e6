from collections.abc import Sequence

import numpy as np
import pytest

from classifier.whole_image.hierarchical import classify_hierarchical


class Dictated:
    """Says of each film what its first grey level, in per cent, stands for."""

    def __init__(
        self, train_views: list[int], offset: int, tumour_probability: float = 0.5
    ) -> None:
        self.train_views = train_views
        self.tumour_probability = tumour_probability
        self.seen: list[int] = []
        self.offset = offset

    def probabilities(self, films: Sequence[np.ndarray]) -> np.ndarray:
        self.seen = [int(film[0, 0]) for film in films]
        second = np.array([film[0, self.offset] / 100 for film in films]).reshape(-1)
        return np.stack([1 - second, second], axis=1)


def film(tumour_per_cent: int, cancer_per_cent: int) -> np.ndarray:
    return np.array([[tumour_per_cent, cancer_per_cent]], dtype=np.uint8)


def classify(
    films: list[np.ndarray], tumour_views: list[int], tumour_probability: float = 0.5
) -> tuple[np.ndarray, list[str], Dictated]:
    first, second = (
        Dictated([9, 9], offset=0, tumour_probability=tumour_probability),
        Dictated(tumour_views, offset=1),
    )
    probabilities, labels = classify_hierarchical(first, second, films)  # type: ignore[arg-type]
    return probabilities, labels, second


def test_probabilities_by_hand_and_the_second_sees_tumours_only() -> None:
    films = [film(80, 25), film(20, 99), film(60, 75)]
    probabilities, labels, second = classify(films, tumour_views=[30, 10])

    assert second.seen == [80, 60]
    # The film in the middle is split by the share of cancers among 40 training tumours.
    expected = [[0.2, 0.6, 0.2], [0.8, 0.15, 0.05], [0.4, 0.15, 0.45]]
    np.testing.assert_allclose(probabilities, expected)
    assert labels == ["Benign", "Normal", "Cancer"]


def test_label_follows_the_networks_in_turn() -> None:
    probabilities, labels, _ = classify([film(60, 50)], tumour_views=[1, 1])

    assert probabilities[0] == pytest.approx([0.4, 0.3, 0.3])
    assert labels == ["Benign"]


def test_from_which_probability_on_it_is_a_tumour_is_the_first_networks_own() -> None:
    _, labels, second = classify([film(60, 75), film(40, 75)], [1, 1], tumour_probability=0.4)
    assert labels == ["Cancer", "Cancer"]
    assert second.seen == [60, 40]

    _, labels, _ = classify([film(60, 75)], [1, 1], tumour_probability=0.7)
    assert labels == ["Normal"]


def test_all_normal_needs_no_second_network() -> None:
    probabilities, labels, second = classify([film(10, 0), film(49, 0)], tumour_views=[1, 3])

    assert second.seen == []
    assert labels == ["Normal", "Normal"]
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
