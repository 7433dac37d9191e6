import cv2
import numpy as np
import pytest

from reports.conversion_figures import age_distribution, balanced, class_balance, mean_age

AGES = {"Normal": [50.0, 61.0], "Benign": [45.0], "Cancer": [70.0, 71.0, 90.0]}
NO_AGES: dict[str, list[float]] = {"Normal": [], "Benign": [], "Cancer": []}
COUNTS = {"Normal": 9, "Benign": 3, "Cancer": 2}


def test_normals_are_thinned_to_one_in_four() -> None:
    assert balanced(COUNTS) == {"Normal": 3, "Benign": 3, "Cancer": 2}
    assert balanced({"Normal": 0, "Benign": 1, "Cancer": 1})["Normal"] == 0


@pytest.mark.parametrize(
    "png",
    [age_distribution(AGES), age_distribution(NO_AGES), mean_age(AGES), mean_age(NO_AGES),
     class_balance(COUNTS)],
)  # fmt: skip
def test_figures_are_images(png: bytes) -> None:
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)

    assert image.shape == (360, 640, 3)
    assert image.std() > 1


def test_same_numbers_give_the_same_bytes_and_others_do_not() -> None:
    assert class_balance(COUNTS) == class_balance(dict(COUNTS))
    assert class_balance(COUNTS) != class_balance({**COUNTS, "Cancer": 5})
    assert age_distribution(AGES) != age_distribution({**AGES, "Cancer": [30.0]})
    assert mean_age(AGES) != mean_age({**AGES, "Cancer": [30.0]})
