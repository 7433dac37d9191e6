import pytest

from classifier.balance import inverse_frequency_weights, thin


def test_weights_are_inverse_to_frequency_with_mean_one() -> None:
    weights = inverse_frequency_weights([0, 1, 1, 1, 2, 2, 2], class_count=3)

    # 1, 1/3 and 1/3, over their mean 5/9.
    assert weights.tolist() == pytest.approx([1.8, 0.6, 0.6])


def test_one_in_four_is_kept_in_order_and_the_same_again() -> None:
    kept = thin(range(100), keep_one_in=4, seed=3)

    assert len(kept) == 25
    assert kept == sorted(kept)
    assert kept == thin(range(100), keep_one_in=4, seed=3)
    assert kept != thin(range(100), keep_one_in=4, seed=4)


@pytest.mark.parametrize(("count", "kept"), [(0, 0), (1, 1), (4, 1), (5, 2)])
def test_few_are_never_thinned_to_none(count: int, kept: int) -> None:
    assert len(thin(range(count), keep_one_in=4, seed=0)) == kept
