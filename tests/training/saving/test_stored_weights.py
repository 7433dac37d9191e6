import pytest
import torch

from formats.errors import InputError
from training.saving.stored_weights import SCALE_ENDING, StoredDtype, as_loaded, as_stored

STATE = {
    "convolution": torch.randn(8, 4, 3, 3, generator=torch.Generator().manual_seed(0)),
    "bias": torch.tensor([0.1, 1e6, -1e-9]),
    "steps": torch.tensor(7),
}


def reloaded(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return as_loaded(as_stored(state, StoredDtype.int8))


def test_int8_misses_by_half_a_step_of_its_channel_at_most() -> None:
    state = {"weight": STATE["convolution"] * torch.logspace(-6, 3, 8).reshape(-1, 1, 1, 1)}
    missed = (reloaded(state)["weight"] - state["weight"]).abs()

    step = state["weight"].abs().flatten(1).amax(1) / 127
    assert (missed.flatten(1).amax(1) <= 0.501 * step).all()


def test_int8_takes_a_quarter_and_leaves_one_dimension_alone() -> None:
    stored, loaded = as_stored(STATE, StoredDtype.int8), reloaded(STATE)

    assert stored["convolution"].dtype == torch.int8
    assert stored["convolution" + SCALE_ENDING].shape == (8,)
    assert loaded.keys() == STATE.keys()
    assert torch.equal(loaded["bias"], STATE["bias"])
    assert torch.equal(loaded["steps"], STATE["steps"])
    assert loaded["convolution"].dtype == torch.float32


@pytest.mark.parametrize("seed", range(20))
def test_what_was_loaded_is_stored_as_the_same_again(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    spread = torch.logspace(-9, 3, 64).reshape(-1, 1)
    once = reloaded({"weight": torch.randn(64, 50, generator=generator) * spread})

    assert torch.equal(reloaded(once)["weight"], once["weight"])


def test_int8_of_nothing_but_zeros_is_zeros() -> None:
    assert torch.equal(reloaded({"weight": torch.zeros(2, 3)})["weight"], torch.zeros(2, 3))


@pytest.mark.parametrize("dtype", [StoredDtype.float16, StoredDtype.int8])
@pytest.mark.parametrize("value", [float("inf"), float("nan")])
@pytest.mark.parametrize("shape", [(2, 2), (2,)])
def test_what_cannot_be_stored_is_named(
    dtype: StoredDtype, value: float, shape: tuple[int, ...]
) -> None:
    with pytest.raises(InputError, match=f"'weight' is beyond {dtype}'s range"):
        as_stored({"weight": torch.full(shape, value)}, dtype)


def test_a_weight_that_is_called_like_a_scale_is_kept() -> None:
    state = {"a": torch.ones(2), "a" + SCALE_ENDING: torch.ones(3)}

    assert as_loaded(as_stored(state, StoredDtype.float32)).keys() == state.keys()
    assert reloaded(state).keys() == state.keys()


def test_int8_of_empty_weights_is_empty() -> None:
    assert reloaded({"weight": torch.zeros(3, 0)})["weight"].shape == (3, 0)
