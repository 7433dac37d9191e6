import pytest
import torch
from torch import nn

from training.schedule import (
    FINAL_LEARNING_RATE_FRACTION,
    averaged_copy,
    warmup_cosine,
    warmup_plateau,
)


def test_warmup_rises_to_one_and_cosine_falls_to_the_end() -> None:
    factor = warmup_cosine(warmup_steps=4, total_steps=24)

    assert [factor(step) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]
    assert factor(14) == pytest.approx((1 + FINAL_LEARNING_RATE_FRACTION) / 2)
    assert factor(24) == pytest.approx(FINAL_LEARNING_RATE_FRACTION)


def test_without_warmup_the_first_step_is_full() -> None:
    assert warmup_cosine(0, 10)(0) == 1.0


def test_plateau_rate_rises_then_stays_until_it_is_reduced() -> None:
    reductions = iter([0, 0, 0, 1, 2])
    factor = warmup_plateau(warmup_steps=2, reductions=lambda: next(reductions))

    assert [factor(step) for step in (0, 1, 50, 51, 52)] == pytest.approx([0.5, 1, 1, 0.1, 0.01])


def test_average_follows_the_formula_by_hand() -> None:
    model = nn.Linear(1, 1, bias=False)
    nn.init.constant_(model.weight, 0.0)
    averaged = averaged_copy(model, decay=0.9)
    averaged.update_parameters(model)  # the first update copies
    nn.init.constant_(model.weight, 1.0)
    averaged.update_parameters(model)  # decay (1 + 1) / (10 + 1)

    assert averaged.module.weight.item() == pytest.approx(1 - 2 / 11)


def test_average_copies_counters_and_averages_statistics() -> None:
    model = nn.BatchNorm1d(2)
    averaged = averaged_copy(model, decay=0.5)
    model.train()
    for _ in range(3):
        model(torch.randn(8, 2) + 5)
        averaged.update_parameters(model)

    assert averaged.module.num_batches_tracked == 3
    assert 0 < averaged.module.running_mean.mean() < 5
