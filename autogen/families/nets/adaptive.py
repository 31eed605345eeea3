"""Layers that a condition steers: a vector of time and class scales and shifts their features.

Adaptive norms after Perez 2018 (https://arxiv.org/abs/1709.07871); gates that start at zero after
Peebles 2023 (https://arxiv.org/abs/2212.09748): a block is the identity at initialization.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.families.nets.blocks import IsBlock
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.transformer import Heads, SwiGLU

_WAVES, _SLOWEST, _FASTEST = 16, 0.5, 32.0  # waves of the time, in periods over [0, 1]


class TimeEmbedding(nn.Module):
    """Condition of a time in [0, 1].

    Args:
        width: Features of a condition.
    """

    speeds: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        periods = torch.linspace(math.log(_SLOWEST), math.log(_FASTEST), _WAVES).exp()
        self.register_buffer("speeds", math.tau * periods, persistent=False)
        self.inward = nn.Linear(2 * _WAVES, width)
        self.outward = nn.Linear(width, width)

    def forward(self, time: Tensor) -> Tensor:
        """Embed times (B,) as conditions (B, width)."""
        angles = time[:, None] * self.speeds
        embedded: Tensor = self.outward(F.silu(self.inward(torch.cat([angles.sin(), angles.cos()], 1))))
        return embedded


class Modulation(nn.Module):
    """Numbers that a condition steers a block by, all zero at initialization.

    Args:
        condition: Features of a condition.
        width: Features of the block.
        parts: Number of vectors.
    """

    def __init__(self, condition: int, width: int, parts: int) -> None:
        super().__init__()
        self.parts = parts
        self.layer = nn.Linear(condition, parts * width)
        nn.init.zeros_(self.layer.weight)
        nn.init.zeros_(self.layer.bias)

    def forward(self, condition: Tensor) -> tuple[Tensor, ...]:
        """Compute the vectors, each (B, width), of conditions (B, condition)."""
        vectors: Tensor = self.layer(F.silu(condition))
        return vectors.chunk(self.parts, dim=1)


class TwoWayAttention(Heads):
    """Self-attention among all tokens."""

    def forward(self, x: Tensor) -> Tensor:
        """Attend from each token of x (B, T, width) to all of them."""
        return self.merge(F.scaled_dot_product_attention(*self.project(x)))


class AdaptiveBlock(IsBlock):
    """Transformer block that a condition scales, shifts and gates.

    Args:
        width: Features of a token; a multiple of heads.
        heads: Attention heads.
        condition: Features of a condition.
    """

    def __init__(self, width: int, heads: int, condition: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.attention = TwoWayAttention(width, heads)
        self.hidden = SwiGLU(width)
        nn.init.kaiming_uniform_(
            self.hidden.outward.weight, a=math.sqrt(5)
        )  # the gate starts at zero instead
        self.modulation = Modulation(condition, width, 6)

    def forward(self, x: Tensor, condition: Tensor, drop: Dropout) -> Tensor:
        """Transform tokens x (B, T, width) under conditions (B, condition)."""
        first, second, gate, scale, shift, last = (part[:, None] for part in self.modulation(condition))
        x = x + gate * drop(self.attention(self.norm(x) * (1 + first) + second))
        changed: Tensor = x + last * drop(self.hidden(self.norm(x) * (1 + scale) + shift))
        return changed


class AdaptiveLayer(nn.Module):
    """Residual layer over flat features that a condition scales, shifts and gates.

    Args:
        width: Features.
        condition: Features of a condition.
    """

    def __init__(self, width: int, condition: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.inward = nn.Linear(width, width)
        self.outward = nn.Linear(width, width)
        self.modulation = Modulation(condition, width, 3)

    def forward(self, x: Tensor, condition: Tensor, drop: Dropout) -> Tensor:
        """Transform features x (B, width) under conditions (B, condition)."""
        scale, shift, gate = self.modulation(condition)
        hidden = F.silu(self.inward(self.norm(x) * (1 + scale) + shift))
        changed: Tensor = x + gate * self.outward(drop(hidden))
        return changed
