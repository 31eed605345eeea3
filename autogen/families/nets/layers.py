"""Pure building blocks: residual layers, and spectral norm without a memory."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.families.nets.dropout import Dropout
from autogen.families.nets.transformer import norm

#: Makes a layer from (inputs, outputs): affine, or a 3x3 convolution that keeps height and width.
MakeLayer = Callable[[int, int], nn.Module]


class ResidualLayers(nn.Module):
    """Layers ``x + dropout(linear(silu(norm(x))))`` of one width.

    Args:
        width: Of the features.
        depth: Number of layers.
        normed: Whether features are normalised before each layer.
        linear: Makes the layers.
    """

    def __init__(self, width: int, depth: int, normed: bool, linear: MakeLayer) -> None:
        super().__init__()
        self.layers = nn.ModuleList(linear(width, width) for _ in range(depth))
        self.norms = nn.ModuleList(norm(width) if normed else nn.Identity() for _ in range(depth))

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Features (B, width) to features (B, width)."""
        for before, layer in zip(self.norms, self.layers, strict=True):
            x = x + drop(layer(F.silu(before(x))))
        return x


class ConvBlock(nn.Module):
    """Residual block of two 3x3 convolutions; adds nothing at first.

    Args:
        channels: Of the planes.
        normed: Whether planes are normalised before the block.
        conv: Makes the convolutions.
    """

    def __init__(self, channels: int, normed: bool, conv: MakeLayer) -> None:
        super().__init__()
        self.before = nn.GroupNorm(1, channels) if normed else nn.Identity()
        self.first = conv(channels, channels)
        self.second = conv(channels, channels)
        if isinstance(self.second, nn.Conv2d) and not isinstance(self.second, SpectralConv3x3):
            nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """(B, channels, H, W) to the same shape."""
        hidden = F.silu(self.first(F.silu(self.before(x))))
        changed: Tensor = x + self.second(drop(hidden))
        return changed


def conv3x3(inputs: int, outputs: int) -> nn.Module:
    """A 3x3 convolution that keeps height and width."""
    return nn.Conv2d(inputs, outputs, 3, padding=1)


class SpectralLinear(nn.Linear):
    """A linear layer whose largest singular value is kept at one (Miyato 2018)."""

    start: Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.register_buffer("start", torch.randn(inputs))

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs) to (B, outputs)."""
        return F.linear(x, unit_norm(self.weight, self.start), self.bias)


class SpectralConv3x3(nn.Conv2d):
    """A 3x3 convolution whose filters, as one matrix, have a largest singular value of one."""

    start: Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 3, padding=1)
        self.register_buffer("start", torch.randn(inputs * 9))

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H, W)."""
        return F.conv2d(x, unit_norm(self.weight, self.start), self.bias, padding=1)


def unit_norm(weight: Tensor, start: Tensor, iterations: int = 8) -> Tensor:
    """Divide a weight by its largest singular value, found by power iteration.

    The iteration starts from the same vector every time: one that goes on from where the last call
    stopped, as is usual, would give the loss a memory, and one step two results.
    """
    matrix = weight.flatten(1)
    with torch.no_grad():
        right = start
        for _ in range(iterations):
            left = F.normalize(matrix @ right, dim=0)
            right = F.normalize(left @ matrix, dim=0)
    return weight / (left @ matrix @ right)
