"""Convolutions that make maps half as large as TensorFlow does, without a copy of the map.

TensorFlow pads a map of even sides by a row and a column more at its end than at its beginning, for
which timm copies the map. A first row and column of zeros in the kernel do the same.
"""

from timm.layers.conv2d_same import Conv2dSame
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


class HalvingConvolution(Conv2dSame):
    """timm's, which pads its kernel in place of the map where that comes to the same."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the (B, C, h, w) map of a (B, D, H, W) one."""
        if any(side % 2 for side in x.shape[2:]):
            return super().forward(x)
        kernel, padding = self._padded_kernel(), self._even_padding()
        return F.conv2d(x, kernel, self.bias, self.stride, padding, groups=self.groups)

    def plain(self) -> nn.Conv2d:
        """Return torch's convolution, the same for maps of even sides, for networks that learnt."""
        kernel = self._padded_kernel().detach()
        same = nn.Conv2d(
            self.in_channels,
            self.out_channels,
            kernel_size=(kernel.shape[2], kernel.shape[3]),
            stride=2,
            padding=self._even_padding(),
            groups=self.groups,
            bias=self.bias is not None,
        )
        same.weight, same.bias = nn.Parameter(kernel), self.bias
        return same

    def _padded_kernel(self) -> Tensor:
        return F.pad(self.weight, (1, 0, 1, 0))

    def _even_padding(self) -> tuple[int, int]:
        return self.kernel_size[0] // 2, self.kernel_size[1] // 2


def pad_kernels(network: nn.Module) -> None:
    """Let a network's convolutions pad their kernels, where they make maps half as large."""
    for module in network.modules():
        if type(module) is Conv2dSame and _is_halving(module):
            # The same parameters and settings: only what is done with them differs.
            module.__class__ = HalvingConvolution


def _is_halving(convolution: Conv2dSame) -> bool:
    kernel_fits = all(side % 2 and side >= 3 for side in convolution.kernel_size)
    return kernel_fits and convolution.stride == (2, 2) and convolution.dilation == (1, 1)
