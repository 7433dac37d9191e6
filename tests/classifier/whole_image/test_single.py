from collections.abc import Sequence

import numpy as np

from classifier.whole_image.single import classify_single


class Dictated:
    def probabilities(self, films: Sequence[np.ndarray]) -> np.ndarray:
        return np.array([[0.5, 0.3, 0.2], [0.2, 0.5, 0.3], [0.3, 0.2, 0.5]])[: len(films)]


def test_label_is_the_most_probable() -> None:
    films = [np.zeros((64, 64), dtype=np.uint8)] * 3
    probabilities, labels = classify_single(Dictated(), films)  # type: ignore[arg-type]

    assert labels == ["Normal", "Benign", "Cancer"]
    assert probabilities.shape == (3, 3)
