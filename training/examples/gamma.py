"""Random gamma: another film and scanner."""

from typing import Any

import torch
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F  # noqa: N812


class RandomGamma(v2.Transform):
    """Raises grey levels to a random power, drawn evenly on a logarithmic scale."""

    def __init__(self, lowest: float, highest: float) -> None:
        super().__init__()
        self.lowest = lowest
        self.highest = highest

    def make_params(self, flat_inputs: list[Any]) -> dict[str, float]:
        """Draw the power."""
        bounds = torch.tensor([self.lowest, self.highest]).log()
        return {"gamma": float(torch.empty(1).uniform_(*bounds.tolist()).exp())}

    def transform(self, inpt: Any, params: dict[str, float]) -> Any:
        """Change the image; boxes and labels pass through."""
        return self._call_kernel(F.adjust_gamma, inpt, gamma=params["gamma"])
