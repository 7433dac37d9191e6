import pytest
import torch
from torch import nn

from classifier.losses import classification_loss, distillation_losses

CPU = torch.device("cpu")


def loss(weights: list[float] | None, label_smoothing: float = 0.0) -> float:
    """Of two crops that are both called the second class for certain; the first is none."""
    logits = torch.tensor([[-10.0, 10], [-10, 10]])
    batch = logits, torch.tensor([0, 1])
    of_class = None if weights is None else torch.tensor(weights)
    return classification_loss(nn.Identity(), batch, CPU, of_class, label_smoothing)[
        "cross_entropy"
    ].item()


def test_cross_entropy_by_hand() -> None:
    assert loss(None) == pytest.approx((20 + 0) / 2, abs=1e-3)


def test_a_class_counts_by_its_weight() -> None:
    assert loss([0.5, 1.5]) == pytest.approx(0.5 * 20 / 2, abs=1e-3)


def test_smoothing_punishes_certainty() -> None:
    assert loss(None, label_smoothing=0.1) == pytest.approx((0.95 * 20 + 0.05 * 20) / 2, abs=1e-3)


def test_a_teachers_weight_scales_the_distance_and_not_the_cross_entropy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("classifier.losses.feature_distance", lambda *_: torch.tensor(2.0))

    class Pair(nn.Module):
        def forward(self, logits: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return logits, logits

    batch = torch.tensor([[-10.0, 10], [-10, 10]]), torch.tensor([0, 1])
    losses = distillation_losses(Pair(), nn.Identity(), batch, CPU, None, 0.0, teacher_weight=1.5)

    assert losses["cross_entropy"].item() == pytest.approx(10, abs=1e-3)
    assert losses["feature_distance"].item() == 3
