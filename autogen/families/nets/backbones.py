"""Encoders and decoders between input and output layers; they know shapes, not kinds of data or families."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

from torch import Tensor, nn
from torch.nn import functional as F

from autogen.errors import SpaceError
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.layers import (
    ConvBlock,
    MakeLayer,
    ResidualLayers,
    SpectralConv3x3,
    SpectralLinear,
    conv3x3,
)
from autogen.families.nets.transformer import norm

#: Shape of one sample: (F,) features of a row or (C, H, W) planes of an image.
Shape = Sequence[int]


@dataclass(frozen=True)
class NetConfig:
    """Size of an encoder or a decoder.

    Attributes:
        net: ``mlp`` or, for planes, ``conv``.
        width: Features of the MLP.
        channels: Channels of the convolutions at full resolution; they double twice on the way down.
        depth: Hidden layers of the MLP; residual blocks at each resolution.
        normed: Whether features are normalized before each layer.
        spectral: Whether each layer's spectral norm is kept at one.
    """

    net: str = "mlp"
    width: int = 256
    channels: int = 16
    depth: int = 2
    normed: bool = True
    spectral: bool = False

    @property
    def linear(self) -> MakeLayer:
        """Constructor of affine layers."""
        return SpectralLinear if self.spectral else nn.Linear

    @property
    def conv(self) -> MakeLayer:
        """Constructor of 3x3 convolutions."""
        return SpectralConv3x3 if self.spectral else conv3x3


def encoder(shape: Shape, outputs: int, config: NetConfig) -> nn.Module:
    """Build a net from (B, *shape) to (B, outputs), called as (x, drop)."""
    return ConvEncoder(shape, outputs, config) if _is_conv(config, shape) else Mlp(shape, (outputs,), config)


def decoder(inputs: int, shape: Shape, config: NetConfig) -> nn.Module:
    """Build a net from (B, inputs) to (B, *shape), called as (x, drop)."""
    return ConvDecoder(inputs, shape, config) if _is_conv(config, shape) else Mlp((inputs,), shape, config)


def _is_conv(config: NetConfig, shape: Shape) -> bool:
    nets = ("mlp", "conv") if len(shape) == 3 else ("mlp",)
    if config.net not in nets:
        raise SpaceError(
            f"model.net must be one of {', '.join(nets)} for this kind of data, not {config.net!r}"
        )
    return config.net == "conv"


class Mlp(nn.Module):
    """Fully connected net of one width with residual layers, from any shape to any shape."""

    def __init__(self, inputs: Shape, outputs: Shape, config: NetConfig) -> None:
        super().__init__()
        self.outputs = tuple(outputs)
        self.enter = config.linear(prod(inputs), config.width)
        self.layers = ResidualLayers(config.width, config.depth - 1, config.normed, config.linear)
        self.norm = norm(config.width) if config.normed else nn.Identity()
        self.leave = config.linear(config.width, prod(outputs))

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Transform (B, *inputs) to (B, *outputs)."""
        hidden = self.layers(self.enter(x.flatten(1)), drop)
        left: Tensor = self.leave(F.silu(self.norm(hidden)))
        return left.reshape(-1, *self.outputs)


def pyramid(height: int, width: int) -> list[tuple[int, int]]:
    """Return resolutions from full down to about 4 x 4, each half of the one before."""
    sizes = [(height, width)]
    while max(sizes[-1]) > 4:
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    return sizes


def planes_of(channels: int, stages: int) -> list[int]:
    """Return the channels at each resolution from full down: doubled twice, then constant."""
    return [channels * min(2**stage, 4) for stage in range(stages)]


class ConvEncoder(nn.Module):
    """Residual blocks at each resolution down to about 4 x 4, then one affine layer."""

    def __init__(self, shape: Shape, outputs: int, config: NetConfig) -> None:
        super().__init__()
        self.sizes = pyramid(*shape[1:])
        planes = [shape[0], *planes_of(config.channels, len(self.sizes))]
        self.stages = nn.ModuleList(Stage(before, here, config) for before, here in pairwise(planes))
        self.leave = config.linear(planes[-1] * prod(self.sizes[-1]), outputs)

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Transform (B, C, H, W) to (B, outputs)."""
        for size, stage in zip(self.sizes, self.stages, strict=True):
            x = stage(F.adaptive_avg_pool2d(x, size), drop)
        left: Tensor = self.leave(F.silu(x).flatten(1))
        return left


class ConvDecoder(nn.Module):
    """One affine layer to about 4 x 4, then residual blocks at each resolution up to full."""

    def __init__(self, inputs: int, shape: Shape, config: NetConfig) -> None:
        super().__init__()
        self.sizes = pyramid(*shape[1:])[::-1]
        planes = planes_of(config.channels, len(self.sizes))[::-1]
        self.enter = config.linear(inputs, planes[0] * prod(self.sizes[0]))
        self.stages = nn.ModuleList(
            Stage(before, here, config) for before, here in pairwise([planes[0], *planes])
        )
        self.leave = config.conv(planes[-1], shape[0])

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Transform (B, inputs) to (B, C, H, W)."""
        x = self.enter(x).reshape(len(x), -1, *self.sizes[0])
        for size, stage in zip(self.sizes, self.stages, strict=True):
            x = stage(F.interpolate(x, size), drop)
        left: Tensor = self.leave(F.silu(x))
        return left


class Stage(nn.Module):
    """Convolution to the channels of a resolution, then residual blocks."""

    def __init__(self, inputs: int, outputs: int, config: NetConfig) -> None:
        super().__init__()
        self.enter = config.conv(inputs, outputs)
        self.blocks = nn.ModuleList(
            ConvBlock(outputs, config.normed, config.conv) for _ in range(config.depth)
        )

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Transform (B, inputs, H, W) to (B, outputs, H, W)."""
        x = self.enter(x)
        for block in self.blocks:
            x = block(x, drop)
        return x
