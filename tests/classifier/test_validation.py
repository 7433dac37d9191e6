import math

import pytest
import torch
from torch import nn

from classifier.validation import classification_figures

CPU = torch.device("cpu")
# Benign, Cancer, Cancer, Benign with logits that rank one pair of four wrongly.
LOGITS = torch.tensor([[2.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 0.5]])
LABELS = torch.tensor([0, 1, 1, 0])


def test_figures_by_hand() -> None:
    figures = classification_figures(nn.Identity(), [(LOGITS, LABELS)], CPU)

    assert figures["auc"] == pytest.approx(0.75)
    assert figures["accuracy"] == pytest.approx(0.5)
    expected = sum(math.log(1 + math.exp(-margin)) for margin in (2, 1, -1, -0.5)) / 4
    assert figures["cross_entropy"] == pytest.approx(expected, rel=1e-5)


def test_one_class_alone_is_chance() -> None:
    figures = classification_figures(nn.Identity(), [(LOGITS[:1], LABELS[:1])], CPU)

    assert figures["auc"] == 0.5
