import numpy as np

from evaluation.means import mean_of_defined


def test_what_is_not_defined_is_left_out() -> None:
    values = np.array([[1.0, 0.0], [0.5, np.nan], [np.nan, np.nan]])

    np.testing.assert_array_equal(mean_of_defined(values), [0.5, 0.5, np.nan])
