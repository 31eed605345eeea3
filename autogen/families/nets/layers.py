"""Stateless building blocks: residual layers, and spectral norm without running estimates."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.families.nets.dropout import Dropout
from autogen.families.nets.transformer import norm

#: Makes a layer from (inputs, outputs): affine, or a 3x3 convolution that keeps height and width.
MakeLayer = Callable[[int, int], nn.Module]


class ResidualLayers(nn.Module):
    """Residual layers ``x + dropout(linear(silu(norm(x))))`` of one width.

    Args:
        width: Features of the layers.
        depth: Number of layers.
        normed: Whether features are normalized before each layer.
        linear: Constructor of the layers.
    """

    def __init__(self, width: int, depth: int, normed: bool, linear: MakeLayer) -> None:
        super().__init__()
        self.layers = nn.ModuleList(linear(width, width) for _ in range(depth))
        self.norms = nn.ModuleList(norm(width) if normed else nn.Identity() for _ in range(depth))

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Transform features (B, width)."""
        for before, layer in zip(self.norms, self.layers, strict=True):
            x = x + drop(layer(F.silu(before(x))))
        return x


class ConvBlock(nn.Module):
    """Residual block of two 3x3 convolutions; the identity at initialization.

    Args:
        channels: Channels of the planes.
        normed: Whether planes are normalized before the block.
        conv: Constructor of the convolutions.
    """

    def __init__(self, channels: int, normed: bool, conv: MakeLayer) -> None:
        super().__init__()
        self.before = nn.GroupNorm(1, channels) if normed else nn.Identity()
        self.first = conv(channels, channels)
        self.second = conv(channels, channels)
        if isinstance(self.second, nn.Conv2d) and not isinstance(self.second, SpectralConv3x3):
            nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Transform planes (B, channels, H, W)."""
        hidden = F.silu(self.first(F.silu(self.before(x))))
        changed: Tensor = x + self.second(drop(hidden))
        return changed


def conv3x3(inputs: int, outputs: int) -> nn.Module:
    """Return a 3x3 convolution that keeps height and width."""
    return nn.Conv2d(inputs, outputs, 3, padding=1)


class SpectralLinear(nn.Linear):
    """Linear layer whose largest singular value is kept at one (Miyato 2018)."""

    start: Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.register_buffer("start", torch.randn(inputs))

    def forward(self, x: Tensor) -> Tensor:
        """Transform (B, inputs) to (B, outputs)."""
        return F.linear(x, unit_norm(self.weight, self.start), self.bias)


class SpectralConv3x3(nn.Conv2d):
    """3x3 convolution whose filters, as one matrix, have a largest singular value of one."""

    start: Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 3, padding=1)
        self.register_buffer("start", torch.randn(inputs * 9))

    def forward(self, x: Tensor) -> Tensor:
        """Transform (B, inputs, H, W) to (B, outputs, H, W)."""
        return F.conv2d(x, unit_norm(self.weight, self.start), self.bias, padding=1)


def unit_norm(weight: Tensor, start: Tensor, iterations: int = 8) -> Tensor:
    """Divide a weight by its largest singular value, found by power iteration.

    Each call starts from the same vector. The usual running estimate would give the loss a memory, so that
    one step could have two results.

    Args:
        weight: Weight (outputs, ...), seen as a matrix (outputs, inputs).
        start: Right vector that the iteration starts from, (inputs,).
        iterations: Number of iterations.
    """
    # as in Miyato 2018 the singular vectors are constants: the gradient passes through the product alone
    matrix = weight.flatten(1)
    with torch.no_grad():
        right = start
        for _ in range(iterations):
            left = F.normalize(matrix @ right, dim=0)
            right = F.normalize(left @ matrix, dim=0)
    return weight / (left @ matrix @ right)
