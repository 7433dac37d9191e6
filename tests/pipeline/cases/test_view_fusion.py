import numpy as np
import pytest
from scipy.special import expit, logit

from formats.errors import InputError
from pipeline.cases.view_fusion import (
    MAXIMUM,
    FusionParameters,
    fitted,
    fusion_described,
    fusion_of_checkpoint,
    maximum,
    noisy_or,
)

VIEWS = np.array([[0.2, 0.6], [0.5, np.nan], [np.nan, 0.0]])
PARAMETERS = FusionParameters(
    intercept=0.1, higher=1.2, lower=0.5, single_intercept=-0.2, single_slope=0.8
)
NUMBERS = {
    "intercept": 0.1,
    "higher": 1.2,
    "lower": 0.5,
    "single_intercept": -0.2,
    "single_slope": 0.8,
}


def test_baselines() -> None:
    np.testing.assert_allclose(maximum(VIEWS), [0.6, 0.5, 0.0])
    np.testing.assert_allclose(noisy_or(VIEWS), [1 - 0.8 * 0.4, 0.5, 0.0])


def test_two_views_and_one_have_their_own_parameters() -> None:
    expected = [
        0.1 + 1.2 * logit(0.6) + 0.5 * logit(0.2),
        -0.2 + 0.8 * logit(0.5),
        -0.2 + 0.8 * logit(0.005),
    ]
    np.testing.assert_allclose(fitted(VIEWS, PARAMETERS), expit(expected))
    # Which view says what does not matter.
    np.testing.assert_allclose(fitted(VIEWS[:, ::-1], PARAMETERS), expit(expected))


def test_a_fusion_comes_back_from_its_description_and_from_a_checkpoint() -> None:
    saved = {"balanced": {"cancer": NUMBERS}}
    fusion = fusion_of_checkpoint(saved, "balanced")

    assert fusion.described() == {
        "tumour": {"method": "maximum"},
        "cancer": {"method": "fitted", **NUMBERS},
    }
    for same in (fusion, fusion_described(fusion.described())):
        np.testing.assert_allclose(same.fuse("cancer", VIEWS), fitted(VIEWS, PARAMETERS))
        np.testing.assert_allclose(same.fuse("tumour", VIEWS), maximum(VIEWS))
    assert fusion_of_checkpoint(saved, "sensitive").described() == MAXIMUM.described()
    assert fusion_described(None).described() == MAXIMUM.described()


@pytest.mark.parametrize(
    "described",
    [
        {"tumour": {"method": "other"}},
        {"breast": {"method": "maximum"}},
        {"cancer": {"method": "fitted", "higher": 1.0}},
    ],
)
def test_an_unknown_fusion_is_refused(described: dict[str, dict[str, object]]) -> None:
    with pytest.raises(InputError, match="fusion"):
        fusion_described(described)
