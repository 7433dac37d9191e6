import numpy as np
import pytest
from scipy.stats import bootstrap

from evaluation.bootstrap import Estimate, estimate, replicate, resampled_weights


def test_intervals_of_a_mean_are_scipys() -> None:
    values = np.random.default_rng(1).gamma(2, size=37)
    weights = resampled_weights(37, 500, seed=3)
    found = estimate(
        replicate(lambda part: {"mean": part @ values / part.sum(axis=1)}, weights, "")["mean"]
    )
    expected = bootstrap(
        (values,), np.mean, n_resamples=500, method="percentile", rng=np.random.default_rng(3)
    ).confidence_interval

    assert found.value == pytest.approx(values.mean(), abs=1e-12)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_a_resample_draws_as_many_patients_as_there_are() -> None:
    weights = resampled_weights(6, 50, seed=0)

    assert weights.shape == (51, 6)
    assert weights[0].tolist() == [1] * 6
    assert set(weights.sum(axis=1)) == {6}
    assert len(np.unique(weights, axis=0)) > 40
    assert np.array_equal(weights, resampled_weights(6, 50, seed=0))
    assert not np.array_equal(weights, resampled_weights(6, 50, seed=1))


def test_rounds_are_put_together_in_order() -> None:
    weights = np.arange(450.0)[:, None]

    assert np.array_equal(
        replicate(lambda part: {"same": part[:, 0]}, weights, "")["same"], weights[:, 0]
    )


@pytest.mark.parametrize(
    ("replicates", "expected"),
    [
        # Resamples without the figure are left out.
        ([0.5, np.nan, 0.5, 0.5], Estimate(value=0.5, low=0.5, high=0.5)),
        ([0.5, np.nan], Estimate(value=0.5, low=None, high=None)),
        ([np.nan, 0.5], Estimate(value=None, low=None, high=None)),
    ],
)
def test_undefined_figures(replicates: list[float], expected: Estimate) -> None:
    assert estimate(np.array(replicates)) == expected
