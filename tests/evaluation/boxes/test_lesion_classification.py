import numpy as np
from made_rows import make_detections, make_lesions, make_views

from evaluation.boxes.lesion_classification import lesion_numbers, match_for_classification

HERE = (10, 10, 20, 20)
FAR = (60, 60, 20, 20)
BENIGN, CANCER = 1, 2


def test_counted_by_hand() -> None:
    views = make_views([0, 1, 2, 3])
    lesions = make_lesions([0, 1, 2, 3], [HERE] * 4, [CANCER, CANCER, BENIGN, BENIGN])
    detections = make_detections(
        [0, 1, 2, 3],
        [HERE, HERE, HERE, FAR],
        [0.9, 0.8, 0.7, 0.6],
        # Times the score: 0.81, 0.16, 0.35, 0.54.
        [0.9, 0.2, 0.5, 0.9],
    )
    found = match_for_classification(views, lesions, detections)
    numbers = {k: v[0] for k, v in lesion_numbers(found, np.ones((1, 4))).items()}

    assert numbers["lesions_matched",] == 3 / 4
    # One cancer is above the benign lesion that was found, one below.
    assert numbers["auc_cancer_or_benign",] == 1 / 2
    # The box beside the lesion and the one on the benign lesion come before the second cancer.
    assert numbers["cancer_sensitivity", "per_view", "at_0_5_fp"] == 1
    without_last = lesion_numbers(found, np.array([[1.0, 1.0, 1.0, 0.0]]))
    assert without_last["lesions_matched",][0] == 1


def test_a_benign_lesion_taken_for_cancer_is_a_false_positive() -> None:
    lesions = make_lesions([0, 1], [HERE, HERE], [CANCER, BENIGN])
    detections = make_detections([0, 1], [HERE, HERE], [0.9, 0.9], [0.4, 0.8])
    found = match_for_classification(make_views([0, 1]), lesions, detections)
    two_more_views = match_for_classification(make_views([0, 1, 1]), lesions, detections)

    once = np.ones((1, 2))
    numbers = lesion_numbers(found, once)
    assert numbers["cancer_sensitivity", "per_view", "at_0_5_fp"][0] == 1
    assert numbers["auc_cancer_or_benign",][0] == 0
    assert lesion_numbers(two_more_views, once)["cancer_sensitivity", "per_view", "at_1_fp"][0] == 1


def test_nothing_found_is_undefined() -> None:
    lesions = make_lesions([0], [HERE], [CANCER])
    found = match_for_classification(make_views([0]), lesions, make_detections([], [], []))
    numbers = lesion_numbers(found, np.ones((1, 1)))

    assert numbers["lesions_matched",][0] == 0
    assert np.isnan(numbers["auc_cancer_or_benign",][0])
    assert numbers["cancer_sensitivity", "per_view", "at_1_fp"][0] == 0
