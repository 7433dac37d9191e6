import pytest
import torch

from classifier.standardisation import standardise


def test_standardised_crop_has_no_brightness_or_contrast() -> None:
    crop = torch.randint(0, 100, (1, 32, 32), dtype=torch.uint8)
    brighter = crop + 100

    result = standardise(crop)
    assert result.shape == (3, 32, 32)
    assert result.mean().item() == pytest.approx(0, abs=1e-5)
    assert result.std().item() == pytest.approx(1, abs=1e-2)
    torch.testing.assert_close(result, standardise(brighter))


def test_flat_crop_stays_finite() -> None:
    assert standardise(torch.full((1, 8, 8), 9, dtype=torch.uint8)).abs().max() == 0
